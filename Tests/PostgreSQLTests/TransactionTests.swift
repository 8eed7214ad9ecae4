import Database
import PostgreSQL
import PostgreSQLServer
import Testing
import Threads

@Suite(.sharedServer)
struct TransactionTests {
    private let database: PostgreSQLDatabase
    private let other: PostgreSQLDatabase
    private let table: String

    private struct Change: Error {}

    init() throws {
        database = try SharedServer.server.open()
        other = try SharedServer.server.open()
        table = "t\(UInt64.random(in: 0...UInt64.max))"
        try database.write { try $0.runScript("CREATE TABLE \(table) (a bigint UNIQUE)") }
    }

    private func insert(_ number: Int64, _ connection: any Connection) throws {
        try connection.rows(Query(stringLiteral: "INSERT INTO \(table) VALUES (\(number))"))
    }

    private func content(_ connection: any Connection) throws -> [Int64] {
        try connection.rows(Query(stringLiteral: "SELECT a FROM \(table) ORDER BY a")).map {
            try $0.integer(0)
        }
    }

    private var content: [Int64] {
        get throws { try other.read { try content($0) } }
    }

    @Test func `a transaction is there for others when it returns`() throws {
        try database.write { connection in
            try insert(1, connection)
            #expect(try content(connection) == [1])
            #expect(try content == [])
        }
        #expect(try content == [1])
    }

    @Test func `nothing is left of one that throws`() throws {
        #expect(throws: Change.self) {
            try database.write { connection in
                try insert(1, connection)
                throw Change()
            }
        }
        #expect(try content == [])
        try database.write { try insert(2, $0) }
        #expect(try content == [2])
    }

    @Test func `what may be left out waits neither for a thread nor for a server's lock`() throws {
        try database.write { connection in
            Thread { [database] in
                #expect(throws: Never.self) {
                    let result: Void? = try database.writeIfFree { try insert(1, $0) }
                    #expect(result == nil)
                }
            }.join()
            try connection.runScript("LOCK TABLE \(table)")
            let error = #expect(throws: DatabaseError.self) { try other.writeIfFree { try insert(2, $0) } }
            #expect(error?.reason == .busy)
        }
        #expect(try database.writeIfFree { try insert(3, $0) } != nil)
        #expect(try content == [3])
    }

    @Test func `one in which a statement failed is not taken for done`() throws {
        try database.write { try insert(1, $0) }
        #expect(throws: DatabaseError.self) {
            try database.write { connection in
                try insert(2, connection)
                _ = try? insert(1, connection)
            }
        }
        #expect(try content == [1])
        try database.write { try insert(3, $0) }
        #expect(try content == [1, 3])
    }

    @Test func `what a transaction has read has not changed when it writes`() throws {
        let error = #expect(throws: DatabaseError.self) {
            try database.write { connection in
                let count = try content(connection).count
                try other.write { connection in
                    let count = try content(connection).count
                    try insert(Int64(10 + count), connection)
                }
                try insert(Int64(20 + count), connection)
            }
        }
        #expect(error?.reason == .busy)
        #expect(try content == [10])
    }

    @Test func `a snapshot sees one state`() throws {
        try database.snapshot { connection in
            #expect(try content(connection) == [])
            try other.write { try insert(1, $0) }
            #expect(try content(connection) == [])
        }
        #expect(try database.snapshot { try content($0) } == [1])
    }

    @Test func `a snapshot changes nothing`() throws {
        let error = #expect(throws: DatabaseError.self) { try database.snapshot { try insert(1, $0) } }
        #expect(error?.reason == .unavailable)
        #expect(try content == [])
        try database.write { try insert(2, $0) }
        #expect(try content == [2])
    }

    @Test(.timeLimit(.minutes(10)))
    func `a snapshot does not wait for ever for a lock`() throws {
        try other.write { other in
            try other.runScript("LOCK TABLE \(table) IN ACCESS EXCLUSIVE MODE")
            let error = #expect(throws: DatabaseError.self) { try database.snapshot { try content($0) } }
            #expect(error?.reason == .busy)
        }
    }

    @Test func `many threads use one connection in turn`() throws {
        let sums = Locked<[Int64]>([])
        let threads = (0..<8 as Range<Int64>).map { number in
            Thread { [database] in
                for step in 0..<50 as Range<Int64> {
                    let sum = try? database.read {
                        try $0.row("SELECT \(number)::bigint + \(step)")?.integer(0)
                    }
                    sums.withLock { $0.append(sum == number + step ? 1 : 0) }
                }
            }
        }
        threads.forEach { $0.join() }
        #expect(sums.withLock { $0 } == Array(repeating: 1, count: 400))
    }
}

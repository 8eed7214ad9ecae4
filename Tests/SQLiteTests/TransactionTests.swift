import Database
import SQLite
import Testing
import Threads

struct TransactionTests {
    private let directory: TemporaryDirectory
    private let database: SQLiteDatabase

    init() throws {
        directory = try TemporaryDirectory()
        database = try SQLiteDatabase(path: directory.path + "/a.sqlite3", applicationID: 7)
        try database.write {
            try $0.runScript(
                """
                CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE CHECK (name <> '')) STRICT;
                CREATE TABLE child (parent INTEGER NOT NULL REFERENCES parent (id)) STRICT;
                INSERT INTO parent VALUES (1, 'one');
                """)
        }
    }

    private func count() throws -> Int64 {
        try #require(try database.read { try $0.row("SELECT count(*) FROM parent") }).integer(0)
    }

    private struct Failure: Error {}

    @Test func `an error undoes the whole transaction`() throws {
        #expect(throws: Failure.self) {
            try database.write { connection in
                try connection.rows("INSERT INTO parent VALUES (2, 'two')")
                #expect(try connection.row("SELECT count(*) FROM parent")?.integer(0) == 2)
                throw Failure()
            }
        }
        #expect(try count() == 1)
        try database.write { try $0.rows("INSERT INTO parent VALUES (2, 'two')") }
        #expect(try count() == 2)
    }

    @Test func `data definitions are undone too`() throws {
        #expect(throws: Failure.self) {
            try database.write { connection in
                try connection.runScript("CREATE TABLE x (a INTEGER); CREATE TABLE y (a INTEGER)")
                throw Failure()
            }
        }
        #expect(throws: DatabaseError.self) { try database.read { try $0.rows("SELECT * FROM x") } }
    }

    @Test(arguments: [
        "INSERT INTO parent VALUES (1, 'again')",
        "INSERT INTO parent VALUES (2, 'one')",
        "INSERT INTO parent VALUES (2, NULL)",
        "INSERT INTO parent VALUES (2, '')",
        "INSERT INTO child VALUES (99)",
        "DELETE FROM parent WHERE id = 1",
        "INSERT INTO child VALUES ('text')",
    ])
    func `a violated constraint is told apart`(sql: String) throws {
        try database.write { try $0.rows("INSERT INTO child VALUES (1)") }
        let error = #expect(throws: DatabaseError.self) {
            try database.write { try $0.rows(Query(stringLiteral: sql)) }
        }
        #expect(error?.reason == .constraint)
        #expect(try count() == 1)
    }

    @Test func `a message names no value of the query`() throws {
        let error = #expect(throws: DatabaseError.self) {
            try database.write { try $0.rows("INSERT INTO parent VALUES (\(Int64(1)), \("s3cret"))") }
        }
        #expect(error?.message.contains("s3cret") == false)
    }

    @Test func `a violated constraint does not end the transaction if it is caught`() throws {
        try database.write { connection in
            #expect(throws: DatabaseError.self) {
                try connection.rows("INSERT INTO parent VALUES (2, 'one')")
            }
            try connection.rows("INSERT INTO parent VALUES (3, 'three')")
        }
        #expect(try count() == 2)
    }

    @Test func `readers see what is committed while somebody writes`() throws {
        let written = WorkQueue<Int>(capacity: 1)
        let seen = WorkQueue<Int>(capacity: 1)
        let writer = Thread { [database] in
            try? database.write { connection in
                try connection.rows("INSERT INTO parent VALUES (2, 'two')")
                _ = written.push(1)
                _ = seen.pop()
            }
        }
        #expect(written.pop() == 1)
        #expect(try count() == 1)
        _ = seen.push(1)
        writer.join()
        #expect(try count() == 2)
    }

    @Test func `readers do not wait for each other`() throws {
        let inside = WorkQueue<Int>(capacity: 1)
        let goOn = WorkQueue<Int>(capacity: 1)
        let other = Thread { [database] in
            try? database.read { connection in
                try connection.rows("SELECT 1")
                _ = inside.push(1)
                _ = goOn.pop()
            }
        }
        #expect(inside.pop() == 1)
        #expect(try count() == 1)
        _ = goOn.push(1)
        other.join()
    }

    @Test func `a reader cannot lose or tear a row that many writers change`() throws {
        try database.write {
            try $0.runScript("CREATE TABLE pair (a INTEGER, b INTEGER); INSERT INTO pair VALUES (0, 0)")
        }
        let torn = Locked(0)
        let writers = (0..<4).map { _ in
            Thread { [database] in
                for _ in 0..<25 {
                    try? database.write { connection in
                        try connection.rows("UPDATE pair SET a = a + 1")
                        try connection.rows("UPDATE pair SET b = b + 1")
                    }
                }
            }
        }
        let readers = (0..<4).map { _ in
            Thread { [database] in
                for _ in 0..<100 {
                    let isWhole = try? database.read { try $0.row("SELECT a = b FROM pair")?.integer(0) == 1 }
                    if isWhole != true { torn.withLock { $0 += 1 } }
                }
            }
        }
        for thread in writers + readers { thread.join() }
        #expect(torn.withLock { $0 } == 0)
        let sums = try #require(try database.read { try $0.row("SELECT a, b FROM pair") })
        #expect(try sums.integer(0) == 100)
        #expect(try sums.integer(1) == 100)
    }

    @Test func `sixty-four threads writing at once never find it busy`() throws {
        let errors = Locked<[String]>([])
        let threads = (0..<64).map { number in
            Thread { [database] in
                for step in 0..<5 {
                    do {
                        let id = Int64(10 + number * 5 + step)
                        try database.write {
                            try $0.rows("INSERT INTO parent VALUES (\(id), \("name \(id)"))")
                        }
                    } catch {
                        errors.withLock { $0.append("\(error)") }
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(errors.withLock { $0 } == [])
        #expect(try count() == 321)
    }

    @Test func `two programs on one file take turns`() throws {
        let other = try SQLiteDatabase(path: directory.path + "/a.sqlite3", applicationID: 7)
        let errors = Locked<[String]>([])
        let threads = [database, other].enumerated().flatMap { offset, database in
            (0..<8).map { number in
                Thread {
                    for step in 0..<5 {
                        do {
                            let id = Int64(10 + offset * 1000 + number * 10 + step)
                            // What it reads first must not have changed when it writes.
                            try database.write { connection in
                                try connection.rows("SELECT max(id) FROM parent")
                                try connection.rows("INSERT INTO parent VALUES (\(id), \("name \(id)"))")
                            }
                        } catch {
                            errors.withLock { $0.append("\(error)") }
                        }
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(errors.withLock { $0 } == [])
        #expect(try count() == 81)
    }
}

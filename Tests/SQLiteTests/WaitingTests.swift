import Database
import SQLite
import Testing
import Threads

/// How long a writer waits for the others.
struct WaitingTests {
    private let directory: TemporaryDirectory
    private let database: SQLiteDatabase
    /// The same file, as another process has it open.
    private let other: SQLiteDatabase

    init() throws {
        directory = try TemporaryDirectory()
        database = try SQLiteDatabase(path: directory.path + "/a.sqlite3", applicationID: 7)
        other = try SQLiteDatabase(path: directory.path + "/a.sqlite3", applicationID: 7)
        try database.write { try $0.runScript("CREATE TABLE thing (id INTEGER)") }
    }

    /// Runs `body` while a thread is writing to a database.
    private func whileWriting(to database: SQLiteDatabase, _ body: () throws -> Void) rethrows {
        let inside = WorkQueue<Int>(capacity: 1)
        let goOn = WorkQueue<Int>(capacity: 1)
        let writer = Thread {
            try? database.write { _ in
                _ = inside.push(1)
                _ = goOn.pop()
            }
        }
        defer {
            _ = goOn.push(1)
            writer.join()
        }
        #expect(inside.pop() == 1)
        try body()
    }

    private func insert(_ connection: any Connection) throws {
        try connection.rows("INSERT INTO thing VALUES (1)")
    }

    private func count() throws -> Int64? {
        try database.read { try $0.row("SELECT count(*) FROM thing")?.integer(0) }
    }

    @Test func `what may be left out is done while nobody writes`() throws {
        #expect(try database.writeIfFree(insert) != nil)
        #expect(try count() == 1)
    }

    @Test func `what may be left out waits for no other thread`() throws {
        try whileWriting(to: database) {
            let result: Void? = try database.writeIfFree(insert)
            #expect(result == nil)
        }
        #expect(try count() == 0)
    }

    @Test func `what may be left out hardly waits for another process`() throws {
        let beginning = ContinuousClock.now
        whileWriting(to: other) {
            let error = #expect(throws: DatabaseError.self) { try database.writeIfFree(insert) }
            #expect(error?.reason == .busy)
        }
        #expect(ContinuousClock.now - beginning < .seconds(8))
        try database.write(insert)
    }

    @Test func `who waits for another process does not make the next one wait longer`() throws {
        let reasons = Locked<[DatabaseError.Reason?]>([])
        let beginning = ContinuousClock.now
        whileWriting(to: other) {
            let threads = (0..<3).map { _ in
                Thread { [database] in
                    do {
                        try database.write(insert)
                    } catch {
                        reasons.withLock { $0.append((error as? DatabaseError)?.reason) }
                    }
                }
            }
            for thread in threads { thread.join() }
        }
        #expect(reasons.withLock { $0 } == [.busy, .busy, .busy])
        #expect(ContinuousClock.now - beginning < .seconds(19), "one after the other it is 30 s")
        #expect(try count() == 0)
    }
}

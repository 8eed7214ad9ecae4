import Database
import Foundation
import SQLite
import Testing
import Threads

struct DatabaseFileTests {
    private static let applicationID: Int32 = 0x4C53_6163
    private let directory: TemporaryDirectory
    private var path: String { directory.path + "/accounts.sqlite3" }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func open() throws -> SQLiteDatabase {
        try SQLiteDatabase(path: path, applicationID: Self.applicationID)
    }

    private func pragma(_ name: String, _ database: SQLiteDatabase) throws -> [Int64] {
        let query = Query(stringLiteral: "PRAGMA \(name)")
        return [
            try database.read { try #require(try $0.row(query)).integer(0) },
            try database.write { try #require(try $0.row(query)).integer(0) },
        ]
    }

    private func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func `a new file carries our number, in the header too`() throws {
        let database = try open()
        #expect(try pragma("application_id", database) == [0x4C53_6163, 0x4C53_6163])
        try database.write { try $0.runScript("CREATE TABLE t (a INTEGER)") }
        let header = try Data(contentsOf: URL(fileURLWithPath: path)).prefix(100)
        #expect(header[68..<72].elementsEqual("LSac".utf8))
    }

    @Test func `a negative number is kept as well`() throws {
        _ = try SQLiteDatabase(path: path, applicationID: -5)
        let database = try SQLiteDatabase(path: path, applicationID: -5)
        #expect(try pragma("application_id", database) == [-5, -5])
    }

    @Test func `every connection has the settings`() throws {
        let database = try open()
        #expect(try pragma("synchronous", database) == [2, 2])
        #expect(try pragma("foreign_keys", database) == [1, 1])
        #expect(try pragma("trusted_schema", database) == [0, 0])
        #expect(try pragma("busy_timeout", database) == [10_000, 10_000])
        #expect(try database.read { try $0.row("PRAGMA journal_mode")?.text(0) } == "wal")
        #expect(try database.write { try $0.row("PRAGMA journal_mode")?.text(0) } == "wal")
    }

    @Test func `only its owner can read the files`() throws {
        let before = umask(0)
        defer { umask(before) }
        let database = try open()
        try database.write { try $0.runScript("CREATE TABLE t (a INTEGER)") }
        #expect(try mode(path) == 0o600)
        #expect(try mode(path + "-wal") == 0o600)
        #expect(try mode(path + "-shm") == 0o600)
    }

    @Test func `a file that was opened to others is closed to them`() throws {
        _ = try open()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        _ = try open()
        #expect(try mode(path) == 0o600)
    }

    @Test func `an empty file becomes a database`() throws {
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let database = try open()
        #expect(try pragma("application_id", database) == [0x4C53_6163, 0x4C53_6163])
        #expect(try mode(path) == 0o600)
    }

    @Test func `what was written is there when it is opened again`() throws {
        do {
            let database = try open()
            try database.write { try $0.runScript("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (42)") }
        }
        #expect(try open().read { try $0.row("SELECT a FROM t")?.integer(0) } == 42)
    }

    /// A database of another program.
    private func makeForeignDatabase(applicationID: Int32) throws {
        let database = try SQLiteDatabase(path: path, applicationID: applicationID)
        try database.write {
            try $0.runScript("CREATE TABLE htx_user (a INTEGER); INSERT INTO htx_user VALUES (1)")
        }
    }

    private func expectRefusal(_ kind: ForeignFile.Kind) throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        let content = try Data(contentsOf: URL(fileURLWithPath: path))
        let modified = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        let error = #expect(throws: ForeignFile.self) { try open() }
        #expect(error?.kind == kind)
        #expect(error?.path == path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == content)
        #expect(
            try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date == modified)
        #expect(try mode(path) == 0o640)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["accounts.sqlite3"])
    }

    @Test(arguments: [0, 1, 0x4C53_6164, -1] as [Int32])
    func `a database with another number is refused and left as it is`(applicationID: Int32) throws {
        try makeForeignDatabase(applicationID: applicationID)
        try expectRefusal(.database)
    }

    @Test(arguments: [
        "a text file\n", "SQLite format 3", "x", String(repeating: "SQLite format 4\0", count: 10),
        " SQLite format 3\0" + String(repeating: "\0", count: 200),
    ])
    func `a file that is no database is refused and left as it is`(content: String) throws {
        try directory.write("accounts.sqlite3", content)
        try expectRefusal(.other)
    }

    @Test(arguments: [1, 16, 72, 99])
    func `a database that is cut off in its header is refused and left as it is`(count: Int) throws {
        _ = try open()
        let header = try Data(contentsOf: URL(fileURLWithPath: path)).prefix(count)
        for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
        try header.write(to: URL(fileURLWithPath: path))
        try expectRefusal(.other)
    }

    @Test func `a database of ours that is damaged is an error, not a crash`() throws {
        _ = try open()
        var content = try Data(contentsOf: URL(fileURLWithPath: path))
        for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
        content.replaceSubrange(100..<content.count, with: Data(repeating: 0xff, count: content.count - 100))
        try content.write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: DatabaseError.self) {
            try open().write { try $0.runScript("CREATE TABLE t (a INTEGER)") }
        }
        #expect(error?.reason == .corrupt)
    }

    @Test func `a file that cannot be made is unavailable, with its name`() throws {
        for path in [directory.path + "/none/accounts.sqlite3", directory.path] {
            let error = #expect(throws: DatabaseError.self) {
                try SQLiteDatabase(path: path, applicationID: Self.applicationID)
            }
            #expect(error?.reason == .unavailable)
            #expect(error?.message.contains(path) == true)
        }
    }

    @Test func `two programs may open a new file at once`() throws {
        for round in 0..<10 {
            let path = directory.path + "/\(round).sqlite3"
            let errors = Locked<[String]>([])
            let threads = (0..<8).map { _ in
                Thread {
                    do {
                        _ = try SQLiteDatabase(path: path, applicationID: Self.applicationID)
                    } catch {
                        errors.withLock { $0.append("\(error)") }
                    }
                }
            }
            for thread in threads { thread.join() }
            #expect(errors.withLock { $0 } == [])
        }
    }

    /// Makes the database keep three connections for reading, each of which has read.
    private func readWithThreeConnections(_ database: SQLiteDatabase) throws -> [Int64?] {
        let query: Query = "SELECT max(a) FROM t"
        return try database.read { one in
            try database.read { two in
                try database.read { three in
                    [try one.row(query), try two.row(query), try three.row(query)]
                }
            }
        }.map { try $0?.optionalInteger(0) }
    }

    @Test func `a reader sees at once what another program has written`() throws {
        let ours = try open()
        let others = try open()
        try others.write { try $0.runScript("CREATE TABLE t (a INTEGER)") }
        for number in Int64(1)...20 {
            try others.write { try $0.rows("INSERT INTO t VALUES (\(number))") }
            #expect(try readWithThreeConnections(ours) == [number, number, number])
        }
    }

    @Test func `the write-ahead log begins anew however many connections have read`() throws {
        let database = try open()
        try database.write { try $0.runScript("CREATE TABLE t (a INTEGER, b BLOB)") }
        let halfMegabyte = [UInt8](repeating: 7, count: 500_000)
        for number in Int64(1)...60 {
            try database.write { try $0.rows("INSERT INTO t VALUES (\(number), \(halfMegabyte))") }
            #expect(try readWithThreeConnections(database) == [number, number, number])
        }
        let size = try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
        // SQLite copies it to the database from 1,000 pages of 4,096 bytes on.
        #expect(try #require(size) < 10_000_000)
    }

    @Test func `a database in memory is one for reading and writing, and its own`() throws {
        let one = try SQLiteDatabase()
        let other = try SQLiteDatabase()
        try one.write { try $0.runScript("CREATE TABLE t (a INTEGER)") }
        #expect(try one.read { try $0.rows("SELECT * FROM t").count } == 0)
        #expect(throws: DatabaseError.self) { try other.read { try $0.rows("SELECT * FROM t") } }
        #expect(try one.read { try $0.row("PRAGMA foreign_keys")?.integer(0) } == 1)
        #expect(one.dialect == .sqlite)
    }
}

import Database
import Foundation
import SQLite
import Testing

struct CopyTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path + "/a" }
    private var copy: String { directory.path + "/b" }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func makeDatabase(_ path: String) throws -> SQLiteDatabase {
        let database = try SQLiteDatabase(path: path, applicationID: 7)
        try database.write { try $0.runScript("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)") }
        return database
    }

    private func content(_ path: String) throws -> [Int64] {
        try SQLiteDatabase(path: path, applicationID: 7).read {
            try $0.rows("SELECT a FROM t ORDER BY a").map { try $0.integer(0) }
        }
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    }

    @Test func `a copy of a database in use is one file with all of it`() throws {
        let database = try makeDatabase(path)
        try database.write { connection in
            try connection.rows("INSERT INTO t VALUES (2)")
            try SQLiteDatabase.copy(path, toNew: copy)
        }
        #expect(try names() == ["a", "a-shm", "a-wal", "b"])
        let mode = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        // What was not committed is not in it.
        #expect(try content(copy) == [1])
    }

    @Test func `a copy by memory is the same as one in a file`() throws {
        let database = try makeDatabase(path)
        var parts: [UInt8] = []
        try database.write { connection in
            try connection.rows("CREATE TABLE big AS SELECT randomblob(300000) AS b")
        }
        try database.write { connection in
            try connection.rows("INSERT INTO t VALUES (2)")
            try SQLiteDatabase.copy(path, toNew: copy)
            try SQLiteDatabase.copyByMemory(path) { parts += $0 }
        }
        #expect(parts.count > 300_000)
        // Bytes 24 to 27 and 92 to 95 count changes.
        let file = Array(try Data(contentsOf: URL(fileURLWithPath: copy)))
        #expect(parts[..<24] == file[..<24])
        #expect(parts[100...] == file[100...])
        #expect(try names() == ["a", "a-shm", "a-wal", "b"])
    }

    @Test func `a copy overwrites nothing`() throws {
        _ = try makeDatabase(path)
        let other = try makeDatabase(copy)
        try other.write { try $0.rows("INSERT INTO t VALUES (5)") }
        #expect(throws: DatabaseError.self) { try SQLiteDatabase.copy(path, toNew: copy) }
        #expect(try content(copy) == [1, 5])
    }

    @Test func `a copy of what is damaged is not taken for whole`() throws {
        do {
            let database = try makeDatabase(path)
            try database.write {
                try $0.runScript("CREATE TABLE n (a TEXT UNIQUE); INSERT INTO n VALUES ('original')")
            }
        }
        // The index still has the old text.
        var content = try Data(contentsOf: URL(fileURLWithPath: path))
        let text = try #require(content.range(of: Data("original".utf8)))
        content.replaceSubrange(text, with: Data("modified".utf8))
        try content.write(to: URL(fileURLWithPath: path))
        #expect(throws: DatabaseError.self) { try SQLiteDatabase.copy(reading: path, toNew: copy) }
    }

    @Test func `a copy in memory leaves its original alone`() throws {
        let original = try makeDatabase(path)
        let memory = try SQLiteDatabase(copying: path)
        try memory.write { try $0.rows("INSERT INTO t VALUES (2)") }
        #expect(try memory.read { try $0.rows("SELECT a FROM t") }.count == 2)
        #expect(try original.read { try $0.rows("SELECT a FROM t") }.count == 1)
    }

    @Test func `a database that somebody has open is in use`() throws {
        do {
            let database = try makeDatabase(path)
            let error = #expect(throws: DatabaseError.self) {
                try SQLiteDatabase.whileUnused(path) { Issue.record("it was not unused") }
            }
            #expect(error?.reason == .busy)
            try database.write { try $0.rows("INSERT INTO t VALUES (2)") }
        }
        var hasRun = false
        try SQLiteDatabase.whileUnused(path) {
            hasRun = true
            #expect((try? names()) == ["a"])
        }
        #expect(hasRun)
        #expect(try content(path) == [1, 2])
    }
}

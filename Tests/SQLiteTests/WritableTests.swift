import Database
import Foundation
import Glibc
import SQLite
import Testing

struct WritableTests {
    private let directory: TemporaryDirectory
    private let database: SQLiteDatabase
    private var path: String { directory.path + "/accounts.sqlite3" }

    init() throws {
        directory = try TemporaryDirectory()
        database = try SQLiteDatabase(path: directory.path + "/accounts.sqlite3", applicationID: 7)
        try database.write { try $0.runScript("CREATE TABLE thing (id INTEGER)") }
    }

    @Test func `A database that can be written says so, and nothing is left behind`() throws {
        try database.checkWritable()
        try SQLiteDatabase().checkWritable()
        try database.write { try $0.rows("INSERT INTO thing VALUES (1)") }
    }

    @Test func `One whose file is gone cannot be written`() throws {
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: DatabaseError.self) { try database.checkWritable() }
    }

    @Test(.enabled(if: getuid() != 0, "root may write what is read-only"))
    func `One whose file became read-only cannot be written`() throws {
        unsafe chmod(path, 0o400)
        #expect(throws: DatabaseError.self) { try database.checkWritable() }
    }
}

import Database
import Foundation
import Predecessor
import SQLite

@testable import Accounts

/// A copy of a real database of the product we follow, which a test may change.
/// It was written by version 1.23.2 for this purpose.
struct ForeignSample {
    let directory: TemporaryDirectory
    var path: String { directory.path + "/label_studio.sqlite3" }

    static let secretKey = Array("the key of the other installation".utf8)

    init(changedBy sql: String = "") throws {
        directory = try TemporaryDirectory()
        let original = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Samples/label_studio.sqlite3")
        try FileManager.default.copyItem(atPath: original.path, toPath: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        if !sql.isEmpty { try change(sql) }
    }

    func change(_ sql: String) throws {
        let database = try SQLiteDatabase(path: path, applicationID: 0)
        try database.read {
            try $0.runScript(
                """
                PRAGMA foreign_keys = OFF; PRAGMA trusted_schema = ON; \(sql); PRAGMA journal_mode = DELETE
                """)
        }
    }

    func read() throws -> Installation {
        try ForeignDatabase.read(path: path) { try Installation(reading: $0) }
    }

    /// The names of the files beside it, and what is in it.
    func state() throws -> [String: Data] {
        var state: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            state[name] = try Data(contentsOf: URL(fileURLWithPath: "\(directory.path)/\(name)"))
        }
        return state
    }
}

extension World {
    @discardableResult
    func takeOver(
        _ sample: ForeignSample, refreshKey: [UInt8]? = ForeignSample.secretKey
    ) throws -> ImportReport {
        try accounts.takeOver(sample.read(), refreshKey: refreshKey, from: .commandLine)
    }

    /// Everything that the database holds.
    func content() throws -> [String: [String]] {
        let tables = try database.read {
            try $0.rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        }
        var content: [String: [String]] = [:]
        for table in try tables.map({ try $0.text(0) }) {
            let rows = try database.read { try $0.rows(Query(stringLiteral: "SELECT * FROM \(table)")) }
            content[table] = rows.map { "\($0)" }
        }
        return content
    }
}

import Database
import Foundation
import Predecessor
import SQLite
import Testing

@testable import Accounts

struct ForeignFileTests {
    private func readingFault(_ sql: String) throws -> ReadingFault? {
        let sample = try ForeignSample(changedBy: sql)
        return #expect(throws: ReadingFault.self) { try sample.read() }
    }

    @Test func `reading changes neither the file nor what lies beside it`() throws {
        let sample = try ForeignSample()
        let before = try sample.state()
        #expect(try sample.read().people.count == 3)
        #expect(try sample.state() == before)
    }

    @Test func `a file that no server has open is read, though it was written ahead`() throws {
        let sample = try ForeignSample(changedBy: "PRAGMA journal_mode = WAL")
        do {
            let database = try SQLiteDatabase(path: sample.path, applicationID: 0)
            try database.write { try $0.rows("UPDATE htx_user SET first_name = 'Adam' WHERE id = 1") }
        }
        let before = try sample.state()
        #expect(before.count == 1)
        #expect(try sample.read().people[0].firstName == "Adam")
        #expect(try sample.state() == before)
    }

    @Test func `what a running server has only in its log is read`() throws {
        let sample = try ForeignSample()
        let server = try SQLiteDatabase(path: sample.path, applicationID: 0)
        try server.write { try $0.rows("UPDATE htx_user SET first_name = 'Adam' WHERE id = 1") }
        let before = try sample.state()
        #expect(before.count == 3)
        #expect(try sample.read().people[0].firstName == "Adam")
        // Only the file that readers and writers share may differ.
        for (name, content) in try sample.state() where !name.hasSuffix("-shm") {
            #expect(before[name] == content)
        }
        try server.write { try $0.rows("UPDATE htx_user SET first_name = 'Eve' WHERE id = 1") }
        #expect(try sample.read().people[0].firstName == "Eve")
    }

    @Test func `a server that is writing is waited for, and goes on`() throws {
        let sample = try ForeignSample()
        let server = try SQLiteDatabase(path: sample.path, applicationID: 0)
        try server.write { connection in
            try connection.rows("UPDATE htx_user SET first_name = 'Adam' WHERE id = 1")
            #expect(try sample.read().people[0].firstName == "")
        }
        #expect(try sample.read().people[0].firstName == "Adam")
    }

    @Test func `a file that stays locked is said to be so`() throws {
        let sample = try ForeignSample()
        let server = try SQLiteDatabase(path: sample.path, applicationID: 0)
        try server.read {
            try $0.runScript("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE")
            #expect(throws: ForeignDatabase.Fault.locked) { try sample.read() }
        }
    }

    @Test func `a file with a change that was not finished is not read`() throws {
        let sample = try ForeignSample()
        let server = try SQLiteDatabase(path: sample.path, applicationID: 0)
        let copy = try TemporaryDirectory()
        try server.read {
            try $0.runScript(
                """
                PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; BEGIN IMMEDIATE;
                UPDATE django_content_type SET model = model || hex(randomblob(2000));
                UPDATE htx_user SET first_name = 'half'
                """)
            // As a crash leaves it.
            for name in ["label_studio.sqlite3", "label_studio.sqlite3-journal"] {
                try FileManager.default.copyItem(
                    atPath: "\(sample.directory.path)/\(name)", toPath: "\(copy.path)/\(name)")
            }
            try $0.runScript("ROLLBACK")
        }
        #expect(throws: ForeignDatabase.Fault.unfinished) {
            try ForeignDatabase.read(path: copy.path + "/label_studio.sqlite3") {
                try Installation(reading: $0)
            }
        }
    }

    @Test(arguments: [100, 4096, 100_000, 1_392_639])
    func `a file that was cut short is damaged`(length: UInt64) throws {
        let sample = try ForeignSample()
        let file = try #require(FileHandle(forWritingAtPath: sample.path))
        try file.truncate(atOffset: length)
        let fault = #expect(throws: ForeignDatabase.Fault.self) { try sample.read() }
        guard case .damaged = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
    }

    @Test func `a table whose pages are overwritten is damaged`() throws {
        let sample = try ForeignSample()
        let database = try SQLiteDatabase(path: sample.path, applicationID: 0)
        let page = try database.read {
            try #require(try $0.row("SELECT rootpage FROM sqlite_schema WHERE name = 'htx_user'")).integer(0)
        }
        try database.read { try $0.runScript("PRAGMA journal_mode = DELETE") }
        let file = try #require(FileHandle(forWritingAtPath: sample.path))
        try file.seek(toOffset: UInt64(page - 1) * 4096)
        try file.write(contentsOf: Data(repeating: 0xa5, count: 4096))
        #expect(throws: (any Error).self) { try sample.read() }
    }

    @Test(arguments: [
        "", "x", "not a database at all, but a longer text" + String(repeating: ".", count: 200),
    ])
    func `what is no database is said to be none`(content: String) throws {
        let path = try TemporaryDirectory().write("file", content)
        #expect(throws: (any Error).self) { try ForeignDatabase.read(path: path) { _ in } }
        let directory = try TemporaryDirectory()
        let file = try directory.write("file", content)
        #expect(throws: ForeignDatabase.Fault.notDatabase) { try ForeignDatabase.read(path: file) { _ in } }
    }

    @Test func `what cannot be opened says why`() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: ForeignDatabase.Fault.unavailable("No such file or directory")) {
            try ForeignDatabase.read(path: directory.path + "/absent") { _ in }
        }
        #expect(throws: ForeignDatabase.Fault.unavailable("it is a directory")) {
            try ForeignDatabase.read(path: directory.path) { _ in }
        }
    }

    @Test func `odd characters in a path are characters`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a?b#c%41 é.db"
        do {
            try SQLiteDatabase(path: path, applicationID: 0).write { try $0.runScript("CREATE TABLE t (a)") }
        }
        #expect(try ForeignDatabase.read(path: path) { try $0.rows("SELECT * FROM t") }.isEmpty)
    }

    @Test func `another program's database is not taken for it`() throws {
        #expect(try readingFault("DROP TABLE htx_user") == .missing("htx_user"))
        #expect(try readingFault("ALTER TABLE htx_user DROP COLUMN phone") == .missing("htx_user.phone"))
    }

    @Test func `a newer version is not taken for one that is known`() throws {
        let step = "INSERT INTO django_migrations (app, name, applied) VALUES ('users', '0012_more', '')"
        #expect(try readingFault(step) == .newer("users 0012_more"))
        // Labels are not read: their tables may be newer.
        let tasks = "INSERT INTO django_migrations (app, name, applied) VALUES ('tasks', '0999_more', '')"
        #expect(try ForeignSample(changedBy: tasks).read().people.count == 3)
    }

    @Test func `an older version without newer tables and columns is read`() throws {
        let sample = try ForeignSample(
            changedBy: """
                DROP TABLE jwt_auth_jwtsettings; DROP TABLE session_policy_sessiontimeoutpolicy;
                DROP TABLE token_blacklist_blacklistedtoken; DROP TABLE token_blacklist_outstandingtoken;
                ALTER TABLE organization DROP COLUMN contact_info;
                ALTER TABLE htx_user DROP COLUMN allow_newsletters; ALTER TABLE project DROP COLUMN deleted_at;
                DROP INDEX organizations_organizationmember_deleted_at_af2d5523;
                ALTER TABLE organizations_organizationmember DROP COLUMN deleted_at
                """)
        let world = try World()
        let report = try world.takeOver(sample)
        #expect(report.people == 3 && report.projects == 1)
        let organization = try #require(try world.accounts.organization())
        #expect(organization.sessionPolicy == .standard)
        #expect(try world.member("alice@example.com")?.user.profile.allowsNewsletters == nil)
    }

    @Test func `an installation without an organization is empty`() throws {
        #expect(try readingFault("DELETE FROM organization") == .empty)
    }

    @Test(arguments: [
        ("2026-01-31 23:59:59.123456", "2026-01-31T23:59:59.123456Z"),
        ("2026-01-31 00:00:00", "2026-01-31T00:00:00.000000Z"),
    ])
    func `instants are read as they are written`(text: String, iso8601: String) {
        #expect(Timestamp(django: text)?.iso8601 == iso8601)
    }

    @Test(arguments: [
        "", "2026-01-31", "2026-01-31T00:00:00", "2026-02-30 00:00:00", "2026-01-31 24:00:00",
        "2026-01-31 00:00:00.5", "2026-01-31 00:00:00.1234567", "2026-01-31 00:00", "2026-01-31 0a:00:00",
        "2026-01-31  00:00:00", "2026-01-31 00:00:00.+12345",
    ])
    func `anything else is no instant`(text: String) {
        #expect(Timestamp(django: text) == nil)
    }
}

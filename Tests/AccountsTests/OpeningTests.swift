import Database
import SQLite
import Secrets
import Testing

@testable import Accounts

struct OpeningTests {
    @Test func `a fresh database is migrated, and opening it again changes nothing`() throws {
        let world = try World()
        let migrations = try world.database.read {
            try $0.rows("SELECT number, digest, applied_at FROM schema_migration ORDER BY number")
        }
        #expect(try migrations.map { try $0.integer(0) } == Migration.all.map(\.number))
        #expect(try migrations[0].text(1).utf8.count == 64)
        try world.signUp("a@example.com")
        world.clock.advance(seconds: 10)
        let again = try world.reopened()
        #expect(try again.member(email: EmailAddress(parsing: "a@example.com")) != nil)
        let appliedAt = try world.database.read {
            try $0.row("SELECT max(applied_at) FROM schema_migration")?.integer(0)
        }
        #expect(try appliedAt == migrations.last?.integer(2))
    }

    @Test func `a database that another program writes to is opened all the same`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a.sqlite3"
        _ = try World.open(try makeFile(path))
        try makeFile(path).write { _ in
            _ = try World.open(try makeFile(path))
        }
    }

    @Test func `the numbers of the migrations go up, each with both databases`() {
        #expect(zip(Migration.all, Migration.all.dropFirst()).allSatisfy { $0.number < $1.number })
        for migration in Migration.all {
            #expect(!migration.sqlite.isEmpty)
            #expect(!migration.postgreSQL.isEmpty)
        }
    }

    @Test func `a newer schema is refused and left as it is`() throws {
        let world = try World()
        try world.database.write { try $0.rows("INSERT INTO schema_migration VALUES (99, 'x', 0)") }
        let error = #expect(throws: SchemaTooNew.self) { try world.reopened() }
        #expect(error?.found == 99)
        #expect(error?.known == Migration.all.last?.number)
        #expect(try world.count("schema_migration") == Int64(Migration.all.count) + 1)
    }

    @Test func `a migration that is not the one that was applied is refused`() throws {
        let world = try World()
        try world.database.write { try $0.rows("UPDATE schema_migration SET digest = 'x' WHERE number = 1") }
        let error = #expect(throws: SchemaAltered.self) { try world.reopened() }
        #expect(error?.number == 1)
    }

    @Test func `a migration that fails leaves nothing behind`() throws {
        let database = try SQLiteDatabase()
        try database.write { try $0.runScript("CREATE TABLE project (a INTEGER)") }
        #expect(throws: DatabaseError.self) { try World.open(database) }
        let tables = try database.read { try $0.rows("SELECT name FROM sqlite_schema WHERE type = 'table'") }
        #expect(try tables.map { try $0.text(0) } == ["project"])
    }

    @Test func `another key is refused, and the right one still opens`() throws {
        let world = try World()
        let wrong = try #require(MasterKey(Array(1..<33)))
        #expect(throws: Accounts.WrongKey.self) { try world.reopened(key: wrong) }
        _ = try world.reopened()
    }

    /// Computed by Python: BLAKE2b of "label-studio-accounts" under the subkey.
    @Test func `the check value of a key stays what it is`() throws {
        let world = try World()
        let check = try world.database.read { try $0.row("SELECT key_check FROM installation")?.bytes(0) }
        #expect(
            Encoding.hexadecimal(try #require(check))
                == "c322c00a0f9a815ac1dc886c35aac726b3bf553f64007d017b7ff2699b74e9e6")
    }

    @Test func `a database that answers and takes what is written is in order`() throws {
        let world = try World()
        try world.accounts.checkDatabase()
        try world.database.write { try $0.runScript("DROP TABLE installation") }
        #expect(throws: DatabaseError.self) { try world.accounts.checkDatabase() }
    }

    @Test(
        arguments: [
            (.busy, .busy), (.storage, .storage), (.unavailable, .storage), (.constraint, nil),
            (.corrupt, nil),
            (.other, nil),
        ] as [(DatabaseError.Reason, Accounts.TemporaryFault?)])
    func `what may be gone when it is tried again is temporary`(
        reason: DatabaseError.Reason, fault: Accounts.TemporaryFault?
    ) {
        #expect(Accounts.temporaryFault(DatabaseError(reason, "")) == fault)
        #expect(Accounts.temporaryFault(Accounts.EmailTaken()) == nil)
    }

    @Test func `memory that is short is gone in seconds`() {
        let error = #expect(throws: PasswordHasher.OutOfMemory.self) {
            try PasswordHasher(cost: .init(memory: 1, passes: 1))
        }
        #expect(error.flatMap(Accounts.temporaryFault) == .busy)
    }
}

import Database
import SQLite
import Secrets
import Testing

@testable import Accounts

struct ExaminationTests {
    private func examine(_ database: any Database, key: MasterKey = World.key) throws -> Examination {
        try database.read { try Accounts.examine($0, key: key) }
    }

    @Test func `a database that a start would take has no fault`() throws {
        let world = try World()
        try world.signUp("a@example.com")
        let examination = try examine(world.database)
        #expect(examination.refusal == nil)
        #expect(examination.schema == examination.newestSchema)
        #expect(examination.members == 1)
    }

    @Test func `it tells what a start would throw`() throws {
        let world = try World()
        let wrong = try #require(MasterKey(Array(1..<33)))
        #expect(try examine(world.database, key: wrong).refusal is Accounts.WrongKey)
        try world.database.write { try $0.rows("UPDATE schema_migration SET digest = 'x' WHERE number = 2") }
        #expect((try examine(world.database).refusal as? SchemaAltered)?.number == 2)
        try world.database.write { try $0.rows("INSERT INTO schema_migration VALUES (99, 'x', 0)") }
        #expect((try examine(world.database).refusal as? SchemaTooNew)?.found == 99)
        #expect(try examine(world.database).members == nil)
    }

    /// A database of the schema before.
    private func older() throws -> SQLiteDatabase {
        let database = try SQLiteDatabase()
        try database.write { connection in
            try connection.rows(
                """
                CREATE TABLE schema_migration
                (number BIGINT NOT NULL PRIMARY KEY, digest TEXT NOT NULL, applied_at BIGINT NOT NULL)
                """)
            for step in Migration.all.dropLast() {
                try connection.runScript(String(decoding: step.sqlite, as: UTF8.self))
                try connection.rows(
                    "INSERT INTO schema_migration VALUES (\(step.number), \(step.digest(for: .sqlite)), 1)")
            }
        }
        return database
    }

    private struct Refused: Error {}

    @Test func `a migration begins only when it was prepared`() throws {
        let database = try older()
        let newest = try #require(Migration.all.last?.number)
        #expect(throws: Refused.self) {
            try migrate(database, at: Timestamp(microseconds: 1)) { change in
                #expect(change.from == newest - 1)
                #expect(change.to == newest)
                throw Refused()
            }
        }
        #expect(try examine(database).schema == newest - 1)
        try migrate(database, at: Timestamp(microseconds: 1)) { _ in }
        #expect(try examine(database).schema == newest)
        // Neither a schema of today nor a new database is prepared for.
        try migrate(database, at: Timestamp(microseconds: 2)) { _ in throw Refused() }
        try migrate(SQLiteDatabase(), at: Timestamp(microseconds: 2)) { _ in throw Refused() }
    }
}

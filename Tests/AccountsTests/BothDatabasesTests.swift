import Database
import PostgreSQL
import PostgreSQLServer
import SQLite
import Testing

@testable import Accounts

/// Queries are one text for SQLite and PostgreSQL: here both read each of them.
struct BothDatabasesTests {
    @Test func `interpolations of a literal become parameters`() {
        let text = #"""
            // "SELECT not this"
            let a = "SELECT \(one) FROM t WHERE x = \(f(g("(", 2)) ?? User.ID(0)) AND y = 'z'"
            let b = """
                INSERT INTO t
                VALUES (\(a), \(b.map { "\($0)" }))
                """
            let c = "a \"quoted\" text"
            """#
        let found = QuerySource.literals(in: text)
        #expect(found.count == 3)
        #expect(found[0].text == "SELECT $1 FROM t WHERE x = $2 AND y = 'z'")
        #expect(found[0].line == 2)
        #expect(
            found[1].text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                == "INSERT INTO t VALUES ($1, $2)")
        #expect(found[2].text == "a quoted text")
    }

    @Test func `the queries are found in the sources`() throws {
        let queries = try QuerySource.all()
        #expect(queries.count >= 40, "only \(queries.count): is the search broken?")
        for file in ["LogIn.swift", "Sessions.swift", "SignUp.swift", "People.swift", "Migrations.swift"] {
            #expect(queries.contains { $0.file == file }, "\(file)")
        }
        for word in ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE"] {
            #expect(queries.contains { $0.sql.drop { $0.isWhitespace }.hasPrefix(word) }, "\(word)")
        }
        #expect(queries.contains { $0.sql.contains("$7") })
    }

    @Test(.timeLimit(.minutes(10)))
    func `PostgreSQL takes every migration and prepares every query`() throws {
        let server = try PostgreSQLServer()
        let database = try server.open()
        let queries = try QuerySource.all()
        // The table of the migrations is made by a query.
        for query in queries where query.sql.contains("CREATE TABLE") {
            try database.write { try $0.runScript(query.sql) }
        }
        for migration in Migration.all {
            let script = String(decoding: migration.postgreSQL, as: UTF8.self)
            // Without its tables nothing else is worth a look.
            try database.write { try $0.runScript(script) }
        }
        for query in queries where !query.sql.contains("CREATE TABLE") {
            #expect(throws: Never.self, "\(query)") { try prepare(query.sql, database) }
        }
        #expect(throws: DatabaseError.self) { try prepare("SELECT nothing FROM nowhere", database) }

        let world = try World()
        let rows = try database.read {
            try $0.rows(
                """
                SELECT table_name, column_name FROM information_schema.columns
                WHERE table_schema = 'public' ORDER BY table_name, column_name
                """)
        }
        #expect(try columns(rows) == columns(of: world.database))
    }

    private func prepare(_ query: String, _ database: PostgreSQLDatabase) throws {
        try database.read { try $0.runScript("PREPARE query AS \(query); DEALLOCATE query") }
    }

    @Test func `SQLite prepares every query`() throws {
        let world = try World()
        for query in try QuerySource.all() where !query.sql.contains("CREATE TABLE") {
            // EXPLAIN prepares a statement and does not run it.
            #expect(throws: Never.self, "\(query)") {
                try world.database.read { try $0.rows(Query(stringLiteral: "EXPLAIN " + query.sql)) }
            }
        }
        #expect(throws: DatabaseError.self) {
            try world.database.read { try $0.rows("EXPLAIN SELECT nothing FROM nowhere") }
        }
    }

    @Test func `both schemas have the same indexes`() {
        var count = 0
        for migration in Migration.all {
            let indexes = [migration.sqlite, migration.postgreSQL].map { script in
                String(decoding: script, as: UTF8.self).split(separator: "\n").filter { $0.contains("INDEX") }
            }
            #expect(indexes[0] == indexes[1])
            count += indexes[0].count
        }
        #expect(count >= 8)
    }

    private func columns(of database: any Database) throws -> [String: [String]] {
        try columns(
            database.read {
                try $0.rows(
                    """
                    SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
                    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.name
                    """)
            })
    }

    private func columns(_ rows: [Row]) throws -> [String: [String]] {
        var columns: [String: [String]] = [:]
        for row in rows { columns[try row.text(0), default: []].append(try row.text(1)) }
        return columns
    }
}

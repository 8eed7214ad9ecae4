import Database
import PostgreSQL
import PostgreSQLServer
import Testing

@Suite(.sharedServer)
struct ErrorTests {
    private let database: PostgreSQLDatabase

    init() throws {
        database = try SharedServer.server.open()
        try database.read {
            try $0.runScript(
                """
                CREATE TEMPORARY TABLE t (
                    a integer UNIQUE NOT NULL, b text CHECK (b <> 'secret'), c integer REFERENCES t (a));
                INSERT INTO t VALUES (1)
                """)
        }
    }

    private func error(_ query: Query) throws -> DatabaseError {
        try #require(throws: DatabaseError.self) { try database.read { try $0.rows(query) } }
    }

    @Test func `a violated constraint is named as one, without the values`() throws {
        let secret = "secret"
        let number: Int64 = 777_777
        for query: Query in [
            "INSERT INTO t VALUES (\(1 as Int64))", "INSERT INTO t (b) VALUES (\("other"))",
            "INSERT INTO t (a, b) VALUES (2, \(secret))", "INSERT INTO t (a, c) VALUES (3, \(number))",
        ] {
            let error = try error(query)
            #expect(error.reason == .constraint)
            #expect(error.message.contains("(23"))
            #expect(!error.message.contains("777777") && !error.message.contains("secret"))
        }
    }

    /// As `RAISE` makes each of them.
    @Test(arguments: [
        ("40001", DatabaseError.Reason.busy), ("40P01", .busy), ("55P03", .busy), ("53100", .storage),
        ("58030", .storage), ("53300", .unavailable), ("57P01", .unavailable), ("08006", .unavailable),
        ("28000", .unavailable), ("3D000", .unavailable), ("42501", .unavailable), ("25006", .unavailable),
        ("XX001", .corrupt), ("XX002", .corrupt), ("23514", .constraint), ("57014", .other),
        ("XX000", .other),
    ])
    func `each state has its reason`(state: String, reason: DatabaseError.Reason) throws {
        let error = #expect(throws: DatabaseError.self) {
            try database.read {
                try $0.runScript("DO $$ BEGIN RAISE 'some\n\twords' USING ERRCODE = '\(state)'; END $$")
            }
        }
        #expect(error?.reason == reason)
        #expect(error?.message == "PostgreSQL: some words (\(state))")
    }

    @Test func `what a value was is not said`() throws {
        for query: Query in [
            "SELECT \("secret")::integer", "SELECT \("secret")::json",
            "INSERT INTO t VALUES (\(Int64.max - 7))",
        ] {
            let error = try error(query)
            #expect(error.reason == .other)
            #expect(error.message.hasPrefix("PostgreSQL: refused (22"))
        }
        let raised = #expect(throws: DatabaseError.self) {
            try database.read { try $0.runScript("DO $$ BEGIN RAISE 'secret'; END $$") }
        }
        #expect(raised?.message == "PostgreSQL: refused (P0001)")
    }

    @Test func `a fault of ours says what is wrong, and the connection goes on`() throws {
        #expect(try error("SELECT nothing FROM nowhere").message.contains("\"nowhere\" does not exist"))
        #expect(try error("").message == "the query is empty")
        #expect(try database.read { try $0.row("SELECT 1")?.integer(0) } == 1)
    }

    @Test func `a connection that the server has ended is unavailable, and stays so`() throws {
        let other = try SharedServer.server.open()
        let number = try #require(try other.read { try $0.row("SELECT pg_backend_pid()")?.integer(0) })
        _ = try database.read { try $0.rows("SELECT pg_terminate_backend(\(number)::integer)") }
        for _ in 1...2 {
            let error = #expect(throws: DatabaseError.self) { try other.read { try $0.rows("SELECT 1") } }
            #expect(error?.reason == .unavailable)
            #expect(error?.message.contains("\n") == false)
        }
        #expect(throws: DatabaseError.self) { try other.write { _ in } }
        #expect(throws: DatabaseError.self) { try other.snapshot { _ in } }
    }

    @Test func `one that takes no writes says so`() throws {
        let other = try SharedServer.server.open()
        try other.checkWritable()
        try other.read { try $0.runScript("SET default_transaction_read_only = on") }
        let error = #expect(throws: DatabaseError.self) { try other.checkWritable() }
        #expect(error?.message == "the server takes no writes")
    }

    @Test func `a server that cannot be used says why in one line, without the password`() throws {
        let server = try SharedServer.server
        try database.write { try $0.runScript("CREATE ROLE guarded LOGIN PASSWORD 'right'") }
        #expect(throws: Never.self) { try server.open(user: "guarded", password: "right") }
        for (open, words): (() throws -> PostgreSQLDatabase, String) in [
            ({ try server.open(user: "guarded", password: "s3cret") }, "password authentication failed"),
            ({ try server.open(user: "guarded") }, "no password supplied"),
            ({ try server.open(password: "s3cret", database: "absent") }, "\"absent\" does not exist"),
            ({ try server.open(user: "nobody", password: "s3cret") }, "\"nobody\" does not exist"),
        ] {
            let error = #expect(throws: DatabaseError.self) { try open() }
            #expect(error?.reason == .unavailable)
            #expect(error?.message.contains(words) == true, "\(String(describing: error))")
            #expect(error?.message.contains("\n") == false && error?.message.contains("s3cret") == false)
        }
        let nowhere = try #require(PostgreSQLAddress(parsing: "postgresql://me:s3cret@127.0.0.1:1/x"))
        let error = #expect(throws: DatabaseError.self) { try PostgreSQLDatabase(nowhere) }
        #expect(error?.reason == .unavailable)
        #expect(error?.message.contains("Connection refused") == true)
        #expect(error?.message.contains("\n") == false && error?.message.contains("s3cret") == false)
    }
}

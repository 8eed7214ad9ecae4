public import Database
internal import Threads

/// A database on a PostgreSQL server, by one connection.
public final class PostgreSQLDatabase: Database {
    private let connection: Locked<PostgreSQLConnection>

    public var dialect: Dialect { .postgreSQL }

    public init(_ address: PostgreSQLAddress) throws(DatabaseError) {
        connection = Locked(try PostgreSQLConnection(address))
    }

    public func read<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        try connection.withLock { try body($0) }
    }

    /// SERIALIZABLE: what the transaction has read cannot have changed when it
    /// writes. If it has, the transaction fails with `busy`.
    @discardableResult
    public func write<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        try connection.withLock { connection in
            try transact(on: connection, "BEGIN ISOLATION LEVEL SERIALIZABLE", body)
        }
    }

    public func writeIfFree<Result>(_ body: (any Connection) throws -> Result) throws -> Result? {
        try connection.withLock(waiting: .zero) { connection in
            try transact(
                on: connection,
                "BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL lock_timeout = '100ms'", body)
        }
    }

    private func transact<Result>(
        on connection: PostgreSQLConnection, _ beginning: String,
        _ body: (any Connection) throws -> Result
    ) throws -> Result {
        try connection.runScript(beginning)
        do {
            let result = try body(connection)
            try connection.commit()
            return result
        } catch {
            _ = try? connection.runScript("ROLLBACK")
            throw error
        }
    }

    /// A standby takes no writes, nor does a server that was told so.
    public func checkWritable() throws {
        let isReadOnly = try read { try $0.row("SELECT current_setting('transaction_read_only')") }?.text(0)
        guard isReadOnly == "off" else { throw DatabaseError(.unavailable, "the server takes no writes") }
    }

    /// Runs queries that change nothing and all see one state of the database.
    /// Nobody has to wait for them; they wait 5 s for whoever locks a table.
    public func snapshot<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        try connection.withLock { connection in
            try connection.runScript(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL lock_timeout = '5s'")
            // Nothing is lost if it fails: the connection is gone then.
            defer { _ = try? connection.runScript("ROLLBACK") }
            return try body(connection)
        }
    }
}

import Database
import SQLite

/// The real database in memory, which fails on demand.
final class FaultyDatabase: Database {
    /// Queries that contain this text fail so.
    struct Fault: Sendable {
        let text: String
        let error: DatabaseError
    }

    private let base: SQLiteDatabase
    private let fault = Guarded<Fault?>(nil)

    init() throws {
        base = try SQLiteDatabase()
    }

    var dialect: Dialect { base.dialect }

    func fail(_ fault: Fault?) {
        self.fault.withLock { $0 = fault }
    }

    func read<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        let fault = fault.withLock { $0 }
        return try base.read { try body(FaultyConnection(base: $0, fault: fault)) }
    }

    func write<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        let fault = fault.withLock { $0 }
        return try base.write { try body(FaultyConnection(base: $0, fault: fault)) }
    }

    func writeIfFree<Result>(_ body: (any Connection) throws -> Result) throws -> Result? {
        let fault = fault.withLock { $0 }
        return try base.writeIfFree { try body(FaultyConnection(base: $0, fault: fault)) }
    }

    func checkWritable() throws {
        if let fault = fault.withLock({ $0 }), fault.text == "BEGIN" { throw fault.error }
        try base.checkWritable()
    }
}

private struct FaultyConnection: Connection {
    let base: any Connection
    let fault: FaultyDatabase.Fault?

    var dialect: Dialect { base.dialect }

    func rows(_ query: Query) throws(DatabaseError) -> [Row] {
        if let fault, query.sql.contains(fault.text) { throw fault.error }
        return try base.rows(query)
    }

    func runScript(_ sql: String) throws(DatabaseError) {
        try base.runScript(sql)
    }
}

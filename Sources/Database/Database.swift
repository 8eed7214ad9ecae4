/// A database that many threads use at once.
public protocol Database: Sendable {
    var dialect: Dialect { get }

    /// Runs queries that change nothing. Each query sees a state of its own.
    func read<Result>(_ body: (any Connection) throws -> Result) throws -> Result

    /// Runs one transaction: all of it on return, none of it when `body`
    /// throws. Writers come one after the other, and wait for so long.
    ///
    /// - Throws: `DatabaseError`, `busy` if the others take too long; or what
    ///   `body` throws.
    @discardableResult
    func write<Result>(_ body: (any Connection) throws -> Result) throws -> Result

    /// Runs one transaction that nobody should wait for: what may be left out.
    ///
    /// - Returns: nil if another thread is writing; `body` did not run then.
    /// - Throws: `DatabaseError`, `busy` if another process writes for 100 ms; or
    ///   what `body` throws.
    func writeIfFree<Result>(_ body: (any Connection) throws -> Result) throws -> Result?

    /// Checks that a transaction could write, without writing.
    ///
    /// - Throws: `DatabaseError`
    func checkWritable() throws
}

/// What a query may be sent to, for the length of a `read` or `write`.
public protocol Connection {
    var dialect: Dialect { get }

    /// Runs one statement to its end and returns the rows it yields.
    @discardableResult
    func rows(_ query: Query) throws(DatabaseError) -> [Row]

    /// The only row, or the first; nil if there is none.
    @discardableResult
    func row(_ query: Query) throws(DatabaseError) -> Row?

    /// Runs several statements without parameters: data definitions.
    func runScript(_ sql: String) throws(DatabaseError)
}

extension Connection {
    @discardableResult
    public func row(_ query: Query) throws(DatabaseError) -> Row? {
        try rows(query).first
    }
}

/// Which DDL file of a migration a database understands, and how it is asked
/// for its tables. All other queries are one text for all.
public enum Dialect: Sendable {
    case sqlite
    case postgreSQL
}

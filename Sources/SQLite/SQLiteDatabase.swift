public import Database
internal import Glibc
internal import Threads

/// A database in one file: one writer, any number of readers (WAL).
public final class SQLiteDatabase: Database {
    private let writer: Locked<SQLiteConnection>
    /// Nil in memory, where the only connection is the database.
    private let readers: Locked<Readers>?
    private let path: String

    private struct Readers {
        /// Connections for reading that nobody uses right now.
        var idle: [SQLiteConnection] = []
        /// While somebody writes, no idle connection holds a place in the
        /// write-ahead log: it is copied to the database only up to the oldest
        /// reader, and begins anew only without any.
        var isWriting = false {
            didSet { if isWriting { idle.forEach { $0.finish() } } }
        }

        mutating func takeBack(_ connection: SQLiteConnection) {
            if isWriting { connection.finish() }
            idle.append(connection)
        }
    }

    public var dialect: Dialect { .sqlite }

    /// Opens the file, and creates it if it is missing (mode 0600: it holds
    /// password hashes).
    ///
    /// - Parameter applicationID: what `PRAGMA application_id` of the file must
    ///   say. A file of anybody else is left as it is.
    /// - Throws: `ForeignFile`, or `DatabaseError`.
    public init(path: String, applicationID: Int32) throws {
        let isNew = try DatabaseFile.prepare(path: path, applicationID: applicationID)
        let connection = try SQLiteConnection(path: path)
        if isNew {
            // IMMEDIATE: another program may be doing the same, and this waits.
            try connection.runScript("BEGIN IMMEDIATE; PRAGMA application_id = \(applicationID); COMMIT")
        }
        try Self.configure(connection)
        writer = Locked(connection)
        readers = Locked(Readers())
        self.path = path
    }

    /// Whether there is no database at this path yet. Nothing is changed.
    ///
    /// - Throws: `ForeignFile`, or `DatabaseError`.
    public static func isAbsent(path: String, applicationID: Int32) throws -> Bool {
        try DatabaseFile.isAbsent(path: path, applicationID: applicationID)
    }

    /// A database of its own in memory.
    public convenience init() throws {
        try self.init(filledBy: { _ in })
    }

    /// A database in memory that something is put into first.
    init(filledBy fill: (SQLiteConnection) throws -> Void) throws {
        let connection = try SQLiteConnection(path: ":memory:")
        try fill(connection)
        try Self.configure(connection)
        writer = Locked(connection)
        readers = nil
        path = ":memory:"
    }

    public func read<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        guard let readers else { return try writer.withLock { try body($0) } }
        let connection = try readers.withLock { $0.idle.popLast() } ?? open()
        defer { readers.withLock { $0.takeBack(connection) } }
        return try body(connection)
    }

    @discardableResult
    public func write<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        try whenFree { connection, patience in try transact(on: connection, waiting: patience, body) }
    }

    public func writeIfFree<Result>(_ body: (any Connection) throws -> Result) throws -> Result? {
        try writer.withLock(waiting: .zero) { connection in
            try transact(on: connection, waiting: .milliseconds(100), body)
        }
    }

    public func checkWritable() throws {
        try whenFree { connection, patience in
            try begin(on: connection, waiting: patience)
            try connection.rows("ROLLBACK")
        }
        if readers != nil { try FileCheck.check(path) }
    }

    /// Runs `body` with the connection for writing, and with what is left of the
    /// time that a writer waits. Other threads and other processes share it: who
    /// keeps the database must not keep everybody here, one after the other.
    private func whenFree<Result>(_ body: (SQLiteConnection, Duration) throws -> Result) throws -> Result {
        let patience = Duration.milliseconds(SQLiteConnection.patience)
        let deadline = ContinuousClock.now + patience
        let result = try writer.withLock(waiting: patience) { connection in
            try body(connection, deadline - ContinuousClock.now)
        }
        guard let result else { throw DatabaseError(.busy, "others wrote for longer than a writer waits") }
        return result
    }

    private func transact<Result>(
        on connection: SQLiteConnection, waiting patience: Duration,
        _ body: (any Connection) throws -> Result
    ) throws -> Result {
        readers?.withLock { $0.isWriting = true }
        defer { readers?.withLock { $0.isWriting = false } }
        try begin(on: connection, waiting: patience)
        do {
            let result = try body(connection)
            try connection.rows("COMMIT")
            return result
        } catch {
            // SQLite may have rolled back by itself (a full disk); then this fails.
            _ = try? connection.rows("ROLLBACK")
            throw error
        }
    }

    /// IMMEDIATE: the lock is taken before anything is read, so that what the
    /// transaction has read cannot have changed when it writes.
    private func begin(on connection: SQLiteConnection, waiting patience: Duration) throws(DatabaseError) {
        connection.wait(Int32(max(patience / .milliseconds(1), 0)))
        defer { connection.wait(SQLiteConnection.patience) }
        try connection.rows("BEGIN IMMEDIATE")
    }

    private func open() throws -> SQLiteConnection {
        let connection = try SQLiteConnection(path: path)
        try Self.configure(connection)
        return connection
    }

    private static func configure(_ connection: SQLiteConnection) throws(DatabaseError) {
        try useWriteAheadLog(connection)
        try connection.runScript(
            """
            PRAGMA synchronous = FULL;
            PRAGMA foreign_keys = ON;
            PRAGMA trusted_schema = OFF;
            PRAGMA cache_size = -1024;
            """)
    }

    /// The only statement that does not wait when another program is opening
    /// the same new file.
    private static func useWriteAheadLog(_ connection: SQLiteConnection) throws(DatabaseError) {
        var triesLeft = 1_000
        while true {
            do throws(DatabaseError) {
                let mode = try connection.row("PRAGMA journal_mode = WAL")?.text(0)
                // In memory there is no log to write ahead.
                if mode == "wal" || mode == "memory" { return }
                throw DatabaseError(.unavailable, "the file system cannot keep SQLite's write-ahead log")
            } catch {
                triesLeft -= 1
                guard error.reason == .busy, triesLeft > 0 else { throw error }
                usleep(10_000)
            }
        }
    }
}

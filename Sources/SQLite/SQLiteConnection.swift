internal import CSQLite
internal import Database

/// One connection to a database file, with its prepared statements.
///
/// Not for two threads at once: `SQLiteDatabase` hands it to one at a time.
@safe
final class SQLiteConnection: Connection {
    let handle: OpaquePointer
    private var statements: [Query.Statement: OpaquePointer] = unsafe [:]
    /// The statement that has begun and was not reset yet.
    private var current: OpaquePointer?

    var dialect: Dialect { .sqlite }

    /// `sqlite3_open_v2`. The file must exist; it is created elsewhere, with
    /// the mode it should have.
    ///
    /// - Parameter patience: how long a statement waits for other processes, in
    ///   milliseconds.
    convenience init(path: String, patience: Int32 = patience) throws(DatabaseError) {
        try self.init(path, named: path, flags: SQLITE_OPEN_READWRITE, patience: patience)
    }

    /// - Parameters:
    ///   - isImmutable: nobody writes meanwhile; SQLite then looks for no
    ///     journal and no locks, and makes none.
    ///   - patience: how long to wait for a writer, in milliseconds.
    convenience init(readingOnly path: String, isImmutable: Bool, patience: Int32) throws(DatabaseError) {
        // https://www.sqlite.org/uri.html, 3.1
        var address = "file:"
        for byte in path.utf8 {
            let isPlain = byte < 0x80 && !"?#%".utf8.contains(byte)
            address += isPlain ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16)
        }
        if isImmutable { address += "?immutable=1" }
        try self.init(
            address, named: path, flags: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, patience: patience)
    }

    private init(
        _ address: String, named path: String, flags: Int32, patience: Int32
    ) throws(DatabaseError) {
        precondition(Self.isLibraryReady)
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(
            address, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK, let opened = unsafe opened else {
            unsafe sqlite3_close_v2(opened)
            throw DatabaseError(
                .unavailable, "\(path): \(unsafe String(cString: sqlite3_errstr(code)))")
        }
        unsafe handle = opened
        wait(patience)
    }

    /// How long a statement waits for other processes, if nobody says otherwise.
    static let patience: Int32 = 10_000

    /// `sqlite3_busy_timeout`, in milliseconds.
    func wait(_ patience: Int32) {
        unsafe sqlite3_busy_timeout(handle, patience)
    }

    private static let isLibraryReady = sqlite3_disable_memory_status() == SQLITE_OK

    deinit {
        unsafe statements.values.forEach { unsafe sqlite3_finalize($0) }
        unsafe sqlite3_close_v2(handle)
    }

    @discardableResult
    func rows(_ query: Query) throws(DatabaseError) -> [Row] {
        let statement = unsafe try begin(query)
        defer { finish() }
        var rows: [Row] = []
        while let row = unsafe try nextRow(of: statement) { rows.append(row) }
        return rows
    }

    /// A query that stands alone and only reads is left where it stopped, until
    /// `finish` or the next one: its lock on the write-ahead log is shared by all
    /// connections of the process, and while there is one, another costs no
    /// system call. The next query sees what was written meanwhile all the same.
    @discardableResult
    func row(_ query: Query) throws(DatabaseError) -> Row? {
        let statement = unsafe try begin(query)
        guard unsafe sqlite3_stmt_readonly(statement) != 0, unsafe sqlite3_get_autocommit(handle) != 0
        else { return try rows(query).first }
        return unsafe try nextRow(of: statement)
    }

    /// `sqlite3_reset`: ends the statement that has begun, and its locks.
    func finish() {
        guard let statement = unsafe current else { return }
        unsafe sqlite3_reset(statement)
        unsafe sqlite3_clear_bindings(statement)
        unsafe current = nil
    }

    func runScript(_ sql: String) throws(DatabaseError) {
        finish()
        try check(unsafe sqlite3_exec(handle, sql, nil, nil, nil))
    }

    private func begin(_ query: Query) throws(DatabaseError) -> OpaquePointer {
        finish()
        let statement = unsafe try prepared(query.statement)
        unsafe current = statement
        for (index, value) in query.parameters.enumerated() {
            unsafe try check(bind(value, to: statement, at: Int32(index + 1)))
        }
        return unsafe statement
    }

    /// `sqlite3_step`; nil at the end.
    private func nextRow(of statement: OpaquePointer) throws(DatabaseError) -> Row? {
        let code = unsafe sqlite3_step(statement)
        if code == SQLITE_ROW { return unsafe row(of: statement) }
        if code != SQLITE_DONE { try check(code) }
        return nil
    }

    /// `sqlite3_prepare_v3`, once for each statement.
    private func prepared(_ query: Query.Statement) throws(DatabaseError) -> OpaquePointer {
        if let known = unsafe statements[query] { return unsafe known }
        var statement: OpaquePointer?
        let persistent = UInt32(SQLITE_PREPARE_PERSISTENT)
        try check(unsafe sqlite3_prepare_v3(handle, query.sql, -1, persistent, &statement, nil))
        guard let statement = unsafe statement else {
            throw DatabaseError(.other, "the query is empty")
        }
        unsafe statements[query] = statement
        return unsafe statement
    }

    private func bind(_ value: Value, to statement: OpaquePointer, at index: Int32) -> Int32 {
        // SQLITE_TRANSIENT, a macro that is not imported: SQLite copies the bytes.
        let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null:
            return unsafe sqlite3_bind_null(statement, index)
        case .integer(let integer):
            return unsafe sqlite3_bind_int64(statement, index, integer)
        case .text(var text):
            // With its length: a NUL inside must not cut the text short.
            return text.withUTF8 { utf8 in
                unsafe utf8.withMemoryRebound(to: CChar.self) { bytes in
                    unsafe sqlite3_bind_text64(
                        statement, index, bytes.baseAddress, UInt64(bytes.count), copied,
                        UInt8(SQLITE_UTF8))
                }
            }
        case .bytes(let bytes):
            if bytes.isEmpty { return unsafe sqlite3_bind_zeroblob(statement, index, 0) }
            return unsafe bytes.withUnsafeBytes { raw in
                unsafe sqlite3_bind_blob64(
                    statement, index, raw.baseAddress, UInt64(raw.count), copied)
            }
        }
    }

    private func row(of statement: OpaquePointer) -> Row {
        let count = unsafe sqlite3_column_count(statement)
        var end = count
        while end > 0, unsafe sqlite3_column_type(statement, end - 1) == SQLITE_NULL { end -= 1 }
        return Row((0..<end).map { unsafe value(of: statement, at: $0) }, count: Int(count))
    }

    private func value(of statement: OpaquePointer, at column: Int32) -> Value {
        switch unsafe sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER:
            return .integer(unsafe sqlite3_column_int64(statement, column))
        case SQLITE_TEXT:
            let text = unsafe sqlite3_column_text(statement, column)
            let count = Int(unsafe sqlite3_column_bytes(statement, column))
            return .text(
                unsafe String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let blob = unsafe sqlite3_column_blob(statement, column)
            let count = Int(unsafe sqlite3_column_bytes(statement, column))
            return .bytes(unsafe [UInt8](UnsafeRawBufferPointer(start: blob, count: count)))
        default:
            return .null
        }
    }

    private func check(_ code: Int32) throws(DatabaseError) {
        if code == SQLITE_OK { return }
        throw DatabaseError(
            reason(for: code), "SQLite: \(unsafe String(cString: sqlite3_errmsg(handle))) (\(code))")
    }

    func reason(for code: Int32) -> DatabaseError.Reason {
        switch code & 0xff {
        case SQLITE_CONSTRAINT: .constraint
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_FULL, SQLITE_IOERR: .storage
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
        case SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM: .unavailable
        default: .other
        }
    }
}

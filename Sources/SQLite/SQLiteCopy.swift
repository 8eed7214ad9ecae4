internal import CSQLite
internal import Database
internal import Glibc

extension SQLiteDatabase {
    /// A copy in memory of the database in a file, which is only read.
    public convenience init(copying path: String) throws {
        try self.init(filledBy: { memory in
            try memory.copy(from: SQLiteConnection(path: path))
        })
    }

    /// Copies a database, which programs may be using, to a new file that is
    /// complete in itself and that only its owner can read; and verifies it.
    public static func copy(_ path: String, toNew copy: String) throws {
        try fill(copy, from: SQLiteConnection(path: path))
    }

    /// Makes the same copy in memory, verifies it, and gives it out part by part:
    /// no file is written.
    public static func copyByMemory(_ path: String, _ body: (ArraySlice<UInt8>) throws -> Void) throws {
        let copy = try SQLiteConnection(path: ":memory:")
        try copy.copy(from: SQLiteConnection(path: path))
        try copy.verify()
        try copy.serialize(body)
    }

    /// The same of a file that nobody uses and that must not be written to.
    ///
    /// - Throws: `ForeignDatabase.Fault` if it cannot be read, or `DatabaseError`.
    public static func copy(reading path: String, toNew copy: String) throws {
        try fill(copy, from: ForeignDatabase.open(path))
    }

    private static func fill(_ path: String, from source: SQLiteConnection) throws {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            let reason: DatabaseError.Reason = [ENOSPC, EDQUOT].contains(errno) ? .storage : .unavailable
            throw DatabaseError(reason, "\(path): \(unsafe String(cString: strerror(errno)))")
        }
        close(file)
        let copy = try SQLiteConnection(path: path)
        try copy.copy(from: source)
        // All in one file.
        try copy.rows("PRAGMA journal_mode = DELETE")
        try copy.verify()
    }

    /// Runs `body` while no program has the database open, and all of it is in
    /// its one file. Nobody can open it meanwhile.
    ///
    /// - Throws: `DatabaseError`, `busy` if a program has it open; or what
    ///   `body` throws.
    public static func whileUnused(_ path: String, _ body: () throws -> Void) throws {
        let connection = try SQLiteConnection(path: path, patience: 1_000)
        // A write-ahead log can be given up only by the last one who uses it.
        let mode = try connection.rows("PRAGMA journal_mode = DELETE").first?.text(0)
        guard mode == "delete" else { throw DatabaseError(.busy, "the database is in use") }
        try connection.rows("BEGIN EXCLUSIVE")
        defer { _ = try? connection.rows("ROLLBACK") }
        try body()
    }
}

extension SQLiteConnection {
    /// Makes the database of this connection a copy of another one, as that is
    /// at one moment; its writers go on meanwhile (`sqlite3_backup_init`,
    /// `_step`, `_finish`).
    func copy(from source: SQLiteConnection) throws(DatabaseError) {
        guard let backup = unsafe sqlite3_backup_init(handle, "main", source.handle, "main") else {
            throw DatabaseError(.other, "SQLite: \(unsafe String(cString: sqlite3_errmsg(handle)))")
        }
        let code = unsafe sqlite3_backup_step(backup, -1)
        unsafe sqlite3_backup_finish(backup)
        guard code == SQLITE_DONE else {
            throw DatabaseError(
                reason(for: code), "SQLite: \(unsafe String(cString: sqlite3_errstr(code))) (\(code))")
        }
    }

    /// Gives out the file that the database would be, complete in itself
    /// (`sqlite3_serialize`).
    fileprivate func serialize(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
        var size: Int64 = 0
        guard let bytes = unsafe sqlite3_serialize(handle, "main", &size, 0) else {
            throw DatabaseError(.other, "there is not enough memory for a copy of the database")
        }
        defer { unsafe sqlite3_free(bytes) }
        let whole = unsafe UnsafeBufferPointer(start: bytes, count: Int(size))
        for start in stride(from: 0, to: whole.count, by: 65_536) {
            var part = unsafe Array(whole[start..<min(start + 65_536, whole.count)])
            // Without a write-ahead log: https://www.sqlite.org/fileformat.html, 1.3.3.
            if start == 0, part.count > 19 { part.replaceSubrange(18...19, with: [1, 1]) }
            try body(part[...])
        }
    }

    /// `PRAGMA integrity_check`.
    func verify() throws(DatabaseError) {
        let line = try rows("PRAGMA integrity_check").first?.text(0) ?? ""
        guard line == "ok" else { throw DatabaseError(.corrupt, "SQLite: \(line)") }
    }
}

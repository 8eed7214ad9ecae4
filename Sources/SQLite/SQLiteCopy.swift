internal import CSQLite
internal import Database

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
}

extension SQLiteDatabase {
    /// A copy in memory of the database in a file, which is only read.
    public convenience init(copying path: String) throws {
        try self.init(filledBy: { memory in
            try memory.copy(from: SQLiteConnection(path: path))
        })
    }
}

internal import CSQLite
public import Database
internal import Glibc

/// A database file of another program. It is read and never written to: not
/// its journal either, nor is anything put beside it, except what SQLite needs
/// to share the file with a program that has it open with a write-ahead log.
public enum ForeignDatabase {
    /// Why a file cannot be read.
    public enum Fault: Error, Sendable, Equatable {
        /// It cannot be opened; what the system says.
        case unavailable(String)
        /// It is not an SQLite database.
        case notDatabase
        /// Another program keeps it locked.
        case locked
        /// A program ended in the middle of a change, which has to be undone first.
        case unfinished
        /// What SQLite says.
        case damaged(String)
    }

    /// How long to wait for a program that is writing, in milliseconds.
    private static let patience: Int32 = 5_000

    /// Runs queries, all of which see one state of the file.
    ///
    /// - Throws: `Fault`, or what `body` throws; of that a `DatabaseError`
    ///   becomes a `Fault`.
    public static func read<Result>(
        path: String, _ body: (any Connection) throws -> Result
    ) throws -> Result {
        let connection = try open(path)
        do {
            try connection.rows("BEGIN")
            return try body(connection)
        } catch let error as DatabaseError {
            throw fault(error)
        }
    }

    static func open(_ path: String) throws -> SQLiteConnection {
        let mode = try journalMode(path)
        do throws(DatabaseError) {
            return try SQLiteConnection(
                readingOnly: path, isImmutable: mode == .writeAhead && !isInUse(path), patience: patience)
        } catch {
            throw fault(error)
        }
    }

    private enum JournalMode {
        case rollback, writeAhead
    }

    /// From the header: https://www.sqlite.org/fileformat.html, 1.3.
    private static func journalMode(_ path: String) throws(Fault) -> JournalMode {
        // O_NONBLOCK: a pipe of that name must not make us wait.
        let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .unavailable(unsafe String(cString: strerror(errno))) }
        defer { close(file) }
        var header = [UInt8](repeating: 0, count: 100)
        let count = unsafe header.withUnsafeMutableBytes { unsafe pread(file, $0.baseAddress, $0.count, 0) }
        guard count >= 0 || errno != EISDIR else { throw .unavailable("it is a directory") }
        guard count == header.count, header.starts(with: DatabaseFile.magic) else { throw .notDatabase }
        // Perhaps no query here comes to the last page.
        var status = stat()
        // 65,536 stands there as 1.
        let stored = Int(header[16]) << 8 | Int(header[17])
        let pageSize = stored == 1 ? 65_536 : max(stored, 512)
        guard unsafe fstat(file, &status) == 0, Int(status.st_size) % pageSize == 0 else {
            throw .damaged("the last page is not complete")
        }
        return header[19] == 2 ? .writeAhead : .rollback
    }

    /// Whether a write-ahead log holds something, or somebody shares one. If
    /// not, SQLite need not make the file that readers and writers share.
    private static func isInUse(_ path: String) -> Bool {
        var status = stat()
        if unsafe stat(path + "-shm", &status) == 0 { return true }
        return unsafe stat(path + "-wal", &status) == 0 && status.st_size > 0
    }

    private static func fault(_ error: DatabaseError) -> Fault {
        switch error.reason {
        case .busy: .locked
        // To read a file whose journal is left, SQLite would have to write.
        case .unavailable: .unfinished
        case .constraint, .storage, .corrupt, .other: .damaged(error.message)
        }
    }
}

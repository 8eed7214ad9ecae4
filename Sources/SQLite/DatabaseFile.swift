internal import Database
internal import Glibc

/// A file that is there already and is not ours.
public struct ForeignFile: Error, Sendable {
    public enum Kind: Sendable {
        /// An SQLite database of another program.
        case database
        /// Not an SQLite database at all.
        case other
    }

    public let path: String
    public let kind: Kind
}

/// The file of a database, before SQLite opens it.
enum DatabaseFile {
    /// The header of a database file: https://www.sqlite.org/fileformat.html, 1.3.
    static let magic = Array("SQLite format 3\0".utf8)
    private static let applicationIDOffset = 68
    private static let headerLength = 100

    /// Makes sure that the file exists, belongs to us and only its owner can
    /// read it. A foreign file is only read.
    ///
    /// - Returns: whether the file is empty, so that SQLite will make a new
    ///   database of it.
    static func prepare(path: String, applicationID: Int32) throws -> Bool {
        let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        let isEmpty = try inspect(file, path: path, applicationID: applicationID)
        fchmod(file, 0o600)
        return isEmpty
    }

    /// Whether there is no database yet; a foreign file is refused.
    static func isAbsent(path: String, applicationID: Int32) throws -> Bool {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        if file < 0, errno == ENOENT { return true }
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        return try inspect(file, path: path, applicationID: applicationID)
    }

    /// - Returns: whether the file is empty.
    private static func inspect(_ file: Int32, path: String, applicationID: Int32) throws -> Bool {
        var header = [UInt8](repeating: 0, count: headerLength)
        let count = unsafe header.withUnsafeMutableBytes { bytes in
            unsafe pread(file, bytes.baseAddress, bytes.count, 0)
        }
        if count == 0 { return true }
        guard count == headerLength, header.starts(with: magic) else {
            throw ForeignFile(path: path, kind: .other)
        }
        let stored = header[applicationIDOffset..<applicationIDOffset + 4]
            .reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard Int32(bitPattern: stored) == applicationID else {
            throw ForeignFile(path: path, kind: .database)
        }
        return false
    }

    private static func failure(_ path: String) -> DatabaseError {
        DatabaseError(.unavailable, "\(path): \(unsafe String(cString: strerror(errno)))")
    }
}

internal import Database
internal import Glibc

/// Whether the file of a database could grow, as far as the system says so.
enum FileCheck {
    /// Bytes: what a transaction of ours adds to the write-ahead log at most.
    private static let room: UInt64 = 65_536

    /// A transaction that is rolled back touches neither the file nor the disk:
    /// it is not told that the disk is full, or that the file became read-only.
    ///
    /// - Throws: `DatabaseError`, `unavailable` or `storage`.
    static func check(_ path: String) throws(DatabaseError) {
        guard unsafe access(path, W_OK) == 0 else {
            throw DatabaseError(.unavailable, "\(path): \(unsafe String(cString: strerror(errno)))")
        }
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else {
            throw DatabaseError(.unavailable, "\(path): \(unsafe String(cString: strerror(errno)))")
        }
        guard UInt64(status.f_bavail) * UInt64(status.f_frsize) >= room else {
            throw DatabaseError(.storage, "\(path): the disk is full")
        }
    }
}

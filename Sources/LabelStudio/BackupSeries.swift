internal import Accounts
internal import Glibc

/// Backups in a directory, named after their time.
struct BackupSeries {
    let directory: String

    /// `accounts-20260131T235959Z.sqlite3`
    func file(at instant: Timestamp) -> String {
        let digits = "\(instant.date)T\(instant.time)Z".filter { $0 != "-" && $0 != ":" }
        return "\(directory)/accounts-\(digits).sqlite3"
    }

    /// A name that no backup has: if there is one of this second, that of the next.
    func nextFile() -> String {
        while true {
            let path = file(at: Clock.now())
            if Files.isAbsent(path) { return path }
            usleep(50_000)
        }
    }

    /// Removes the oldest of them. Whatever has another name stays.
    ///
    /// - Returns: the files that are gone.
    func removeOldest(keeping count: Int) throws(Files.Failure) -> [String] {
        let names = try Files.names(in: directory).filter(Self.isName)
        var removed: [String] = []
        for name in names.dropLast(count) {
            let path = "\(directory)/\(name)"
            guard unsafe unlink(path) == 0 else { throw Files.Failure(path) }
            removed.append(path)
        }
        return removed
    }

    private static func isName(_ name: String) -> Bool {
        let pattern = "accounts-00000000T000000Z.sqlite3".utf8
        return name.utf8.count == pattern.count
            && zip(name.utf8, pattern).allSatisfy { byte, expected in
                expected == UInt8(ascii: "0")
                    ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == expected
            }
    }
}

internal import Accounts
internal import Glibc
internal import SQLite

/// The copy of a database that is kept beside it before its tables change: the
/// way back, should the older version be needed again.
struct MigrationBackup {
    private let database: String
    private let change: SchemaChange

    /// How many stay; each change makes one.
    private static let kept = 3

    init(of database: String, before change: SchemaChange) {
        self.database = database
        self.change = change
    }

    /// Makes the copy. One from an attempt that failed is replaced.
    ///
    /// - Throws: `Service.Failure`; then nothing may be changed.
    func make() throws {
        let path = "\(database).before-\(padded(change.from))-to-\(padded(change.to))"
        let temporary = Files.temporary(for: path)
        Files.removeDatabase(temporary)
        defer { Files.removeDatabase(temporary) }
        do {
            try SQLiteDatabase.copy(database, toNew: temporary)
            try Files.move(temporary, to: path)
            try removeOldest()
        } catch {
            throw Service.Failure(
                line:
                    "\(database) has to be brought from schema \(change.from) to \(change.to), and it was left "
                    + "as it is, because no copy of it could be made first: \(error). Make room in "
                    + "\(Files.directory(of: database)) for twice its size, and start again")
        }
        Terminal.note("\(path) is a copy of the database from before schema \(change.to).")
    }

    private func removeOldest() throws {
        let directory = Files.directory(of: database)
        let beginning = (database.split(separator: "/").last ?? "") + ".before-"
        let names = try Files.names(in: directory).filter { $0.hasPrefix(beginning) }
            .filter { Self.isSpan($0.dropFirst(beginning.count)) }
        for name in names.dropLast(Self.kept) {
            let path = "\(directory)/\(name)"
            guard unsafe unlink(path) == 0 else { throw Files.Failure(path) }
        }
    }

    /// `006-to-007`: a restore names what it puts aside in another way.
    private static func isSpan(_ text: Substring) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[1] == "to"
            && [parts[0], parts[2]].allSatisfy { $0.count >= 3 && Int($0) != nil }
    }

    private func padded(_ number: Int64) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }
}

internal import CPostgreSQL

/// Where a database is, and who asks: `postgresql://user@host:port/database`,
/// with any setting of libpq behind it
/// (https://www.postgresql.org/docs/current/libpq-connect.html, 34.1.1.2). What
/// it leaves out comes from the environment (`PGPASSWORD`, `PGPASSFILE`, …).
///
/// It may hold a password, and is never shown.
public struct PostgreSQLAddress: Sendable, CustomStringConvertible, CustomReflectable {
    let text: String

    public var description: String { "(address of a PostgreSQL)" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    private static let schemes = ["postgresql://", "postgres://"]

    /// Whether somebody means an address.
    public static func isMeant(by text: String) -> Bool {
        schemes.contains { text.hasPrefix($0) }
    }

    /// Nil if it is none. What libpq says of it then is not handed on: it cites
    /// parts of it. For the same reason nothing passes that libpq would read
    /// differently from whoever forgot that `@`, `/` and `:` in a password are
    /// written `%40`, `%2F` and `%3A`: the rest of the password would be taken
    /// for a host, port or database, which are shown.
    public init?(parsing text: String) {
        guard let scheme = Self.schemes.first(where: { text.hasPrefix($0) }), !text.utf8.contains(0) else {
            return nil
        }
        let parts = text.utf8.dropFirst(scheme.utf8.count).split(
            separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.count == 1 || !parts[0].contains(UInt8(ascii: "/")) else { return nil }
        guard let ports = Self.ports(text), ports.allSatisfy({ "0123456789,".utf8.contains($0) }) else {
            return nil
        }
        self.text = text
    }

    /// `PQconninfoParse`: the ports of an address, most often one; nil if libpq
    /// does not understand the whole.
    private static func ports(_ text: String) -> [UInt8]? {
        guard let settings = unsafe PQconninfoParse(text, nil) else { return nil }
        defer { unsafe PQconninfoFree(settings) }
        var setting = unsafe settings
        while let keyword = unsafe setting.pointee.keyword {
            if unsafe String(cString: keyword) == "port" {
                guard let value = unsafe setting.pointee.val else { return [] }
                return unsafe Array(String(cString: value).utf8)
            }
            unsafe setting += 1
        }
        return []
    }
}

public import Database

/// What a project opens: a path on our host, or an address on another host of ours.
/// Which ones may be named is for those to say who know our hosts.
public struct SiteAddress: Sendable, Hashable, Bindable {
    /// Characters of ASCII, at most.
    public static let limit = 1_000

    /// `/tools/` or `https://tools.example.org/board?id=1`.
    public let text: String

    /// What was checked already, or stands in the database.
    public init(checked text: String) {
        self.text = text
    }

    public var databaseValue: Value { .text(text) }
}

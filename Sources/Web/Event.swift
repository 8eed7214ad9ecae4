/// Something that an operator may want to read in the log. Values are plain
/// text without secrets; the log makes them safe.
public struct Event: Sendable {
    public enum Level: Int, Sendable, Comparable {
        case debug, info, warning, error
        /// Who did what: always written, whatever the level.
        case notice

        public static func < (one: Level, other: Level) -> Bool {
            one.rawValue < other.rawValue
        }
    }

    public let level: Level
    public let name: String
    public let fields: [(name: String, value: String)]

    public init(_ level: Level, _ name: String, _ fields: [(name: String, value: String)] = []) {
        self.level = level
        self.name = name
        self.fields = fields
    }
}

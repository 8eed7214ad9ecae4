/// An SQL statement with its parameters, written as one string literal.
///
/// Every interpolation becomes a parameter, `$1` to `$n` in order: a value can
/// not become SQL.
///
///     "SELECT id FROM user_account WHERE email = \(email)"
public struct Query: Sendable, ExpressibleByStringInterpolation {
    /// The statement without the values of its parameters.
    public let statement: Statement
    public let parameters: [Value]

    public init(stringLiteral value: String) {
        statement = Statement(parts: [value])
        parameters = []
    }

    public init(stringInterpolation: StringInterpolation) {
        statement = Statement(parts: stringInterpolation.parts)
        parameters = stringInterpolation.parameters
    }

    public var sql: String { statement.sql }

    /// The parts of a statement, as the literal has them. They are put together
    /// only where the text is needed: a driver that has prepared a statement
    /// finds it again by its parts, and those of one literal are equal without a
    /// look at their characters.
    public struct Statement: Sendable, Hashable {
        /// Between two of them stands a parameter.
        fileprivate let parts: [String]

        public var sql: String {
            var sql = parts[0]
            for number in 1..<parts.count { sql += "$\(number)\(parts[number])" }
            return sql
        }

        /// There are a few dozen statements, so their lengths tell most of them
        /// apart; hashing whole texts would cost more than it saves.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(parts.reduce(0) { $0 + $1.utf8.count })
        }
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var parts: [String]
        fileprivate var parameters: [Value]

        public init(literalCapacity: Int, interpolationCount: Int) {
            parts = []
            parts.reserveCapacity(interpolationCount + 1)
            parts.append("")
            parameters = []
            parameters.reserveCapacity(interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) {
            parts[parts.count - 1] += literal
        }

        public mutating func appendInterpolation(_ value: some Bindable) {
            append(value.databaseValue)
        }

        public mutating func appendInterpolation(_ value: (some Bindable)?) {
            append(value?.databaseValue ?? .null)
        }

        private mutating func append(_ value: Value) {
            parts.append("")
            parameters.append(value)
        }
    }
}

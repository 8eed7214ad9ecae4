/// An SQL statement with its parameters, written as one string literal.
///
/// Every interpolation becomes a parameter, `$1` to `$n` in order: a value can
/// not become SQL.
///
///     "SELECT id FROM user_account WHERE email = \(email)"
public struct Query: Sendable, ExpressibleByStringInterpolation {
    public let sql: String
    public let parameters: [Value]

    public init(stringLiteral value: String) {
        sql = value
        parameters = []
    }

    public init(stringInterpolation: StringInterpolation) {
        sql = stringInterpolation.sql
        parameters = stringInterpolation.parameters
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql: String
        fileprivate var parameters: [Value]

        public init(literalCapacity: Int, interpolationCount: Int) {
            sql = ""
            sql.reserveCapacity(literalCapacity + 3 * interpolationCount)
            parameters = []
            parameters.reserveCapacity(interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) {
            sql += literal
        }

        public mutating func appendInterpolation(_ value: some Bindable) {
            parameters.append(value.databaseValue)
            sql += "$\(parameters.count)"
        }

        public mutating func appendInterpolation(_ value: (some Bindable)?) {
            parameters.append(value?.databaseValue ?? .null)
            sql += "$\(parameters.count)"
        }
    }
}

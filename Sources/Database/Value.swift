/// What a column holds: the types that every supported database shares.
public enum Value: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])
}

/// A type that can stand in a query.
public protocol Bindable {
    var databaseValue: Value { get }
}

extension Value: Bindable {
    public var databaseValue: Value { self }
}

extension Int64: Bindable {
    public var databaseValue: Value { .integer(self) }
}

extension Bool: Bindable {
    /// 1 or 0: there is no Boolean column type that SQLite and PostgreSQL share.
    public var databaseValue: Value { .integer(self ? 1 : 0) }
}

extension String: Bindable {
    public var databaseValue: Value { .text(self) }
}

extension [UInt8]: Bindable {
    public var databaseValue: Value { .bytes(self) }
}

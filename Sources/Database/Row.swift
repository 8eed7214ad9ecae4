/// One row of a result; columns are counted from 0, in the order of the query.
public struct Row: Sendable {
    private let values: [Value]

    public init(_ values: [Value]) {
        self.values = values
    }

    public func integer(_ column: Int) throws(DatabaseError) -> Int64 {
        guard case .integer(let value) = values[column] else { throw unexpected(column) }
        return value
    }

    public func optionalInteger(_ column: Int) throws(DatabaseError) -> Int64? {
        values[column] == .null ? nil : try integer(column)
    }

    public func text(_ column: Int) throws(DatabaseError) -> String {
        guard case .text(let value) = values[column] else { throw unexpected(column) }
        return value
    }

    public func optionalText(_ column: Int) throws(DatabaseError) -> String? {
        values[column] == .null ? nil : try text(column)
    }

    public func bytes(_ column: Int) throws(DatabaseError) -> [UInt8] {
        guard case .bytes(let value) = values[column] else { throw unexpected(column) }
        return value
    }

    private func unexpected(_ column: Int) -> DatabaseError {
        DatabaseError(.corrupt, "column \(column) holds a value of another type than the schema says")
    }
}

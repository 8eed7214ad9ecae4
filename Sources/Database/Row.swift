/// One row of a result; columns are counted from 0, in the order of the query.
public struct Row: Sendable {
    private let values: [Value]
    private let count: Int

    /// - Parameters:
    ///   - values: the NULLs at the end may be left out: where an outer join
    ///     finds nothing, those are most.
    ///   - count: how many columns there are.
    public init(_ values: [Value], count: Int) {
        self.values = values
        self.count = count
    }

    private subscript(column: Int) -> Value {
        precondition(column < count)
        return column < values.count ? values[column] : .null
    }

    public func integer(_ column: Int) throws(DatabaseError) -> Int64 {
        guard case .integer(let value) = self[column] else { throw unexpected(column) }
        return value
    }

    public func optionalInteger(_ column: Int) throws(DatabaseError) -> Int64? {
        self[column] == .null ? nil : try integer(column)
    }

    public func text(_ column: Int) throws(DatabaseError) -> String {
        guard case .text(let value) = self[column] else { throw unexpected(column) }
        return value
    }

    public func optionalText(_ column: Int) throws(DatabaseError) -> String? {
        self[column] == .null ? nil : try text(column)
    }

    public func bytes(_ column: Int) throws(DatabaseError) -> [UInt8] {
        guard case .bytes(let value) = self[column] else { throw unexpected(column) }
        return value
    }

    private func unexpected(_ column: Int) -> DatabaseError {
        DatabaseError(.corrupt, "column \(column) holds a value of another type than the schema says")
    }
}

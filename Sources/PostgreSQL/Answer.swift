internal import CPostgreSQL
internal import Database

/// A part of what the server says of a refusal; characters to libpq.
enum DiagnosticField {
    static let state = Int32(UInt8(ascii: "C"))
    static let message = Int32(UInt8(ascii: "M"))
}

/// What the server has answered to one statement.
@safe
struct Answer: ~Copyable {
    /// Nil if libpq had no memory for it.
    let handle: OpaquePointer?

    init(_ handle: OpaquePointer?) {
        unsafe self.handle = unsafe handle
    }

    deinit {
        unsafe PQclear(handle)
    }

    func field(_ code: Int32) -> String? {
        guard let text = unsafe PQresultErrorField(handle, code) else { return nil }
        return unsafe String(cString: text)
    }

    func rows() throws(DatabaseError) -> [Row] {
        let columns = unsafe (0..<PQnfields(handle)).map { unsafe ColumnType(PQftype(handle, $0)) }
        var rows: [Row] = []
        for row in 0..<(unsafe PQntuples(handle)) {
            var values: [Value] = []
            for (column, type) in columns.enumerated() {
                try values.append(value(row, Int32(column), type))
            }
            rows.append(Row(values, count: columns.count))
        }
        return rows
    }

    private func value(_ row: Int32, _ column: Int32, _ type: ColumnType) throws(DatabaseError) -> Value {
        guard unsafe PQgetisnull(handle, row, column) == 0 else { return .null }
        let count = Int(unsafe PQgetlength(handle, row, column))
        let bytes = unsafe UnsafeRawBufferPointer(start: PQgetvalue(handle, row, column), count: count)
        guard let value = unsafe type.value(of: bytes) else {
            throw DatabaseError(.corrupt, "PostgreSQL: column \(column) is not written as its type is")
        }
        return value
    }
}

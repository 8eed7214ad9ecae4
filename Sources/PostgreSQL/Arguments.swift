internal import Database

/// Values as libpq takes them: in one piece of memory, a NUL behind each.
struct Arguments {
    private var memory: [CChar] = []
    /// Where each begins; nil: NULL.
    private var starts: [Int?] = []
    private(set) var lengths: [Int32] = []
    /// 0: as text; 1: as the type itself is sent.
    private(set) var formats: [Int32] = []

    init(_ values: [Value]) throws(DatabaseError) {
        for value in values {
            switch value {
            case .null:
                starts.append(nil)
                lengths.append(0)
                formats.append(0)
            case .integer(let integer):
                append(String(integer).utf8, format: 0)
            case .text(let text):
                // It would end there for libpq, and PostgreSQL keeps none.
                guard !text.utf8.contains(0) else {
                    throw DatabaseError(.other, "PostgreSQL: a text holds a NUL")
                }
                append(text.utf8, format: 0)
            case .bytes(let bytes):
                append(bytes, format: 1)
            }
        }
    }

    private mutating func append(_ bytes: some Collection<UInt8>, format: Int32) {
        starts.append(memory.count)
        lengths.append(Int32(bytes.count))
        formats.append(format)
        memory.append(contentsOf: bytes.lazy.map { CChar(bitPattern: $0) })
        memory.append(0)
    }

    /// Calls `body` with a pointer to each value.
    func withPointers<Result>(_ body: ([UnsafePointer<CChar>?]) -> Result) -> Result {
        unsafe memory.withUnsafeBufferPointer { memory in
            unsafe body(
                starts.map { start in
                    guard let start, let base = memory.baseAddress else { return nil }
                    return unsafe base + start
                })
        }
    }
}

/// The header fields of a response, in the order added. They are encoded as
/// they are added, so that a list that many responses share is encoded once.
public struct HeaderFields: Sendable {
    public private(set) var list: [(name: String, value: String)] = []
    /// As they are sent: each with its line break.
    public private(set) var encoded: [UInt8] = []

    public init() {
        // Enough for what a page has: no growing on the way.
        list.reserveCapacity(12)
        encoded.reserveCapacity(1024)
    }

    /// Adds a field. Control characters in the value, line breaks above all,
    /// are left out: a value cannot become a field of its own.
    public mutating func add(_ name: String, _ value: String) {
        let value =
            Self.isClean(value)
            ? value : String(value.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f })
        list.append((name, value))
        encoded += name.utf8
        encoded += ": ".utf8
        encoded += value.utf8
        encoded += "\r\n".utf8
    }

    public mutating func add(_ fields: HeaderFields) {
        list += fields.list
        encoded += fields.encoded
    }

    private static func isClean(_ value: String) -> Bool {
        let bytes = value.utf8Span.span
        for index in bytes.indices where bytes[index] < 0x20 || bytes[index] == 0x7f { return false }
        return true
    }
}

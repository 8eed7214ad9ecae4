/// The header fields of a response, in the order added. They are kept as they
/// are sent, so that a list that many responses share is encoded once.
public struct HeaderFields: Sendable {
    /// Each field with its line break.
    public private(set) var encoded: [UInt8] = []

    public init() {
        // Enough for what a page has: no growing on the way.
        encoded.reserveCapacity(960)
    }

    /// Adds a field. Control characters in the value, line breaks above all,
    /// are left out: a value cannot become a field of its own.
    public mutating func add(_ name: StaticString, _ value: String) {
        begin(name)
        if Self.isClean(value) {
            encoded += value.utf8
        } else {
            encoded += value.utf8.filter { $0 >= 0x20 && $0 != 0x7f }
        }
        end()
    }

    /// Adds `Set-Cookie`.
    public mutating func add(_ cookie: SetCookie) {
        begin("Set-Cookie")
        cookie.write(to: &encoded)
        end()
    }

    private mutating func begin(_ name: StaticString) {
        name.withUTF8Buffer { unsafe encoded += $0 }
        encoded.append(UInt8(ascii: ":"))
        encoded.append(UInt8(ascii: " "))
    }

    private mutating func end() {
        encoded.append(UInt8(ascii: "\r"))
        encoded.append(UInt8(ascii: "\n"))
    }

    private static func isClean(_ value: String) -> Bool {
        let bytes = value.utf8Span.span
        // No way out before the end, so that many bytes are compared at once.
        var least = UInt8.max
        var leastFromDelete = UInt8.max
        for index in bytes.indices {
            least = min(least, bytes[index])
            leastFromDelete = min(leastFromDelete, bytes[index] ^ 0x7f)
        }
        return least >= 0x20 && leastFromDelete > 0
    }

    public mutating func add(_ fields: HeaderFields) {
        encoded += fields.encoded
    }

    /// The fields one by one.
    public var list: [(name: String, value: String)] {
        String(decoding: encoded, as: UTF8.self).split(separator: "\r\n").map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return (String(line[..<colon]), String(line[colon...].dropFirst(2)))
        }
    }
}

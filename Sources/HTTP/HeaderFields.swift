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
    public mutating func add(_ name: String, _ value: String) {
        encoded += name.utf8
        encoded += ": ".utf8
        let start = encoded.count
        encoded += value.utf8
        endField(valueFrom: start)
    }

    /// Adds a `Set-Cookie` field.
    public mutating func add(_ cookie: SetCookie) {
        encoded += Self.setCookie
        let start = encoded.count
        cookie.append(to: &encoded)
        endField(valueFrom: start)
    }

    private static let setCookie = Array("Set-Cookie: ".utf8)

    private mutating func endField(valueFrom start: Int) {
        if !isClean(from: start) { encoded[start...].removeAll { $0 < 0x20 || $0 == 0x7f } }
        encoded.appendLineBreak()
    }

    private func isClean(from start: Int) -> Bool {
        let bytes = encoded.span.extracting(start...)
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

/// The cookies of a request (RFC 6265, 4.2).
public struct Cookies: Sendable {
    private let header: String?

    public init(header: String?) {
        self.header = header
    }

    /// The first value of that name: of two with one name, browsers send the
    /// one with the longer path first.
    public subscript(name: String) -> String? {
        guard let header else { return nil }
        let bytes = header.utf8Span.span
        let name = name.utf8Span.span
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: ";") { end += 1 }
            while start < end, isSpace(bytes[start]) { start += 1 }
            let separator = start + name.count
            if separator < end, bytes[separator] == UInt8(ascii: "="), isEqual(bytes, start, name) {
                var last = end
                while last > separator + 1, isSpace(bytes[last - 1]) { last -= 1 }
                return String(utf8: bytes.extracting(separator + 1..<last))
            }
            start = end + 1
        }
        return nil
    }

    /// The header field without some of its cookies; "" if none is left.
    ///
    /// - Parameter isLeftOut: given the bytes of a name, whether cookies of that
    ///   name go.
    public func leavingOut(_ isLeftOut: (Span<UInt8>) -> Bool) -> String {
        guard let header else { return "" }
        let bytes = header.utf8Span.span
        var kept: [UInt8] = []
        var next = 0
        while next < bytes.count {
            var start = next
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: ";") { end += 1 }
            next = end + 1
            while start < end, isSpace(bytes[start]) { start += 1 }
            while end > start, isSpace(bytes[end - 1]) { end -= 1 }
            let name = bytes.extracting(start..<endOfName(bytes, start..<end))
            if start == end || isLeftOut(name) { continue }
            if !kept.isEmpty { kept += "; ".utf8 }
            for index in start..<end { kept.append(bytes[index]) }
        }
        return String(decoding: kept, as: UTF8.self)
    }

    /// Where the name of a cookie ends; where it starts, if it has none.
    private func endOfName(_ bytes: Span<UInt8>, _ pair: Range<Int>) -> Int {
        var end = pair.lowerBound
        while end < pair.upperBound, bytes[end] != UInt8(ascii: "=") { end += 1 }
        guard end < pair.upperBound else { return pair.lowerBound }
        while end > pair.lowerBound, isSpace(bytes[end - 1]) { end -= 1 }
        return end
    }

    private func isEqual(_ bytes: Span<UInt8>, _ start: Int, _ name: Span<UInt8>) -> Bool {
        for index in name.indices where bytes[start + index] != name[index] { return false }
        return true
    }

    private func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}

/// A cookie to set (RFC 6265bis, 4.1).
public struct SetCookie: Sendable {
    public var name: String
    /// Characters of a token only: the product's values are base64url.
    public var value: String
    public var path: String
    public var isSecure: Bool
    /// How long the browser keeps it, in seconds; nil: until it is closed.
    public var maximumAge: Int?

    public init(name: String, value: String, path: String, isSecure: Bool, maximumAge: Int?) {
        self.name = name
        self.value = value
        self.path = path
        self.isSecure = isSecure
        self.maximumAge = maximumAge
    }

    /// Appends the value of the `Set-Cookie` field.
    func append(to field: inout [UInt8]) {
        field += name.utf8
        field.append(UInt8(ascii: "="))
        field += value.utf8
        if let maximumAge {
            field += Self.maximumAgeAttribute
            field.append(decimal: maximumAge)
        }
        field += Self.pathAttribute
        field += path.utf8
        if isSecure { field += Self.secureAttribute }
        field += Self.lastAttributes
    }

    private static let maximumAgeAttribute = Array("; Max-Age=".utf8)
    private static let pathAttribute = Array("; Path=".utf8)
    private static let secureAttribute = Array("; Secure".utf8)
    private static let lastAttributes = Array("; HttpOnly; SameSite=Lax".utf8)
}

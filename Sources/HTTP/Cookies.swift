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
        for pair in header.utf8.split(separator: UInt8(ascii: ";")) {
            let pair = pair.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard let separator = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
            guard pair[..<separator].elementsEqual(name.utf8) else { continue }
            var value = pair[pair.index(after: separator)...]
            while let last = value.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") {
                value = value.dropLast()
            }
            return String(value)
        }
        return nil
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

    /// The value of the `Set-Cookie` field.
    public var field: String {
        var text = "\(name)=\(value)"
        if let maximumAge { text += "; Max-Age=\(maximumAge)" }
        text += "; Path=\(path)"
        if isSecure { text += "; Secure" }
        return text + "; HttpOnly; SameSite=Lax"
    }
}

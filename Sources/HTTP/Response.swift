/// What is sent back.
public struct Response: Sendable {
    public var status: Status
    public private(set) var fields: [(name: String, value: String)]
    public var body: [UInt8]

    public init(_ status: Status, contentType: String? = nil, body: [UInt8] = []) {
        self.status = status
        fields = []
        self.body = body
        if let contentType { add("Content-Type", contentType) }
    }

    /// Adds a header field. Control characters in the value, line breaks above
    /// all, are left out: a value cannot become a field of its own.
    public mutating func add(_ name: String, _ value: String) {
        let isClean = value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
        let safe =
            isClean ? value : String(value.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f })
        fields.append((name, safe))
    }

    /// The head as a CGI response (RFC 3875, 6), ending with the empty line.
    public var head: [UInt8] {
        var text = "Status: \(status.rawValue) \(status.phrase)\r\n"
        for field in fields { text += "\(field.name): \(field.value)\r\n" }
        if status != .noContent { text += "Content-Length: \(body.count)\r\n" }
        text += "\r\n"
        return Array(text.utf8)
    }
}

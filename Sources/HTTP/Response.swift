/// What is sent back.
public struct Response: Sendable {
    public var status: Status
    public private(set) var header = HeaderFields()
    public var body: [UInt8]

    public init(_ status: Status, contentType: String? = nil, body: [UInt8] = []) {
        self.status = status
        self.body = body
        if let contentType { add("Content-Type", contentType) }
    }

    public mutating func add(_ name: String, _ value: String) {
        header.add(name, value)
    }

    public mutating func add(_ cookie: SetCookie) {
        header.add(cookie)
    }

    public mutating func add(_ fields: HeaderFields) {
        header.add(fields)
    }

    public var fields: [(name: String, value: String)] { header.list }

    /// The head as a CGI response (RFC 3875, 6), ending with the empty line.
    public var head: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(header.encoded.count + 80)
        bytes += Self.statusField
        bytes.append(decimal: status.rawValue)
        bytes.append(UInt8(ascii: " "))
        bytes += status.phrase.utf8
        bytes.appendLineBreak()
        bytes += header.encoded
        if status != .noContent {
            bytes += Self.lengthField
            bytes.append(decimal: body.count)
            bytes.appendLineBreak()
        }
        bytes.appendLineBreak()
        return bytes
    }

    private static let statusField = Array("Status: ".utf8)
    private static let lengthField = Array("Content-Length: ".utf8)
}

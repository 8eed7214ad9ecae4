internal import HTTP

/// A look at the bytes of a request before libfcgi reads them.
///
/// libfcgi waits for what is missing, and believes the lengths that stand in a
/// record: with some, it writes past its memory (CVE-2025-23016). So a request
/// is handed to it only when all of it has arrived and every length fits.
enum RequestScan: Equatable {
    /// More has to arrive.
    case incomplete
    /// libfcgi can read it without waiting; or its body is longer than we take,
    /// which is found out before it has arrived.
    case ready
    /// Its body may be longer than that of others, and is: it does not fit into
    /// the socket, and has to be taken out of it as it comes.
    case long
    /// Nothing that a web server sends.
    case malformed

    /// Bytes of all parameters together. nginx takes 32 KiB of header fields.
    static let parameterLimit = 65_536

    /// - Parameters:
    ///   - bytes: what has arrived, from the beginning of the request.
    ///   - bodyLimit: bytes of a body that are waited for.
    init(_ bytes: Span<UInt8>, bodyLimit: BodyLimit) {
        var scanner = Scanner(bodyLimit: bodyLimit)
        self = scanner.scan(bytes)
    }
}

/// How many bytes of a body are read.
struct BodyLimit: Sendable {
    let usual: Int
    /// Of a request that may bring a file.
    let long: Int
    /// Whether it may, told by its method and target.
    let mayBeLong: @Sendable (Method, String) -> Bool

    init(usual: Int, long: Int, mayBeLong: @escaping @Sendable (Method, String) -> Bool) {
        self.usual = usual
        self.long = long
        self.mayBeLong = mayBeLong
    }

    /// The same for all requests.
    init(_ usual: Int) {
        self.init(usual: usual, long: usual) { _, _ in false }
    }
}

/// The records of one request: FastCGI Specification 1.0, 3.3 and 5.
private struct Scanner {
    let bodyLimit: BodyLimit
    private var requestID: UInt16 = 0
    /// Where the parameters are, if they came in one record.
    private var only = 0..<0
    /// The parameters, if they came in several.
    private var joined: [UInt8] = []
    private var announced = 0
    private var bodyLength = 0

    private static let headerLength = 8
    private static let version: UInt8 = 1
    private static let responder: UInt16 = 1

    init(bodyLimit: BodyLimit) {
        self.bodyLimit = bodyLimit
    }

    private enum Kind: UInt8 {
        case beginRequest = 1
        case parameters = 4
        case body = 5
    }

    mutating func scan(_ bytes: Span<UInt8>) -> RequestScan {
        var position = 0
        var expected = Kind.beginRequest
        while true {
            guard bytes.count - position >= Self.headerLength else { return .incomplete }
            let id = number(bytes, position + 2)
            let length = Int(number(bytes, position + 4))
            guard bytes[position] == Self.version, bytes[position + 1] == expected.rawValue, id != 0,
                expected == .beginRequest || id == requestID
            else { return .malformed }
            let content = position + Self.headerLength
            let end = content + length + Int(bytes[position + 6])
            switch expected {
            case .beginRequest:
                guard length == 8 else { return .malformed }
                guard bytes.count >= end else { return .incomplete }
                guard number(bytes, content) == Self.responder else { return .malformed }
                requestID = id
                expected = .parameters
            case .parameters:
                guard max(only.count, joined.count) + length <= RequestScan.parameterLimit else {
                    return .malformed
                }
                guard bytes.count >= end else { return .incomplete }
                if length > 0 {
                    join(bytes, content..<content + length)
                } else {
                    let announced =
                        joined.isEmpty
                        ? announcedLength(bytes, only) : announcedLength(joined.span, 0..<joined.count)
                    guard let announced else { return .malformed }
                    self.announced = announced
                    if announced > bodyLimit.usual {
                        let isLong =
                            joined.isEmpty
                            ? isTakenLong(bytes, only) : isTakenLong(joined.span, 0..<joined.count)
                        // If not, it will be refused; no need to wait for it.
                        return isLong ? .long : .ready
                    }
                    expected = .body
                }
            case .body:
                bodyLength += length
                // What is not announced is not read, and would be taken for the
                // beginning of another request.
                guard bodyLength <= announced else { return .malformed }
                guard bytes.count >= end else { return .incomplete }
                if length == 0 { return bodyLength == announced ? .ready : .malformed }
            }
            position = end
        }
    }

    /// Adds a record's part of the parameters.
    private mutating func join(_ bytes: Span<UInt8>, _ part: Range<Int>) {
        if only.isEmpty, joined.isEmpty {
            only = part
            return
        }
        if joined.isEmpty { for index in only { joined.append(bytes[index]) } }
        for index in part { joined.append(bytes[index]) }
    }

    /// What `CONTENT_LENGTH` says, 0 if it is absent; nil if a name or value
    /// does not lie within the parameters, or the number is none.
    private func announcedLength(_ all: Span<UInt8>, _ range: Range<Int>) -> Int? {
        let bytes = all.extracting(range)
        var announced = 0
        var position = 0
        while position < bytes.count {
            guard let (nameLength, afterName) = length(bytes, position),
                let (valueLength, start) = length(bytes, afterName),
                nameLength > 0, nameLength <= bytes.count - start,
                valueLength <= bytes.count - start - nameLength
            else { return nil }
            if isName(bytes, start, nameLength, "CONTENT_LENGTH") {
                guard let value = decimal(bytes, start + nameLength, valueLength) else { return nil }
                announced = value
            }
            position = start + nameLength + valueLength
        }
        return announced
    }

    /// A length of one byte, or of four if the first bit is set; with the
    /// position after it.
    private func length(_ bytes: Span<UInt8>, _ position: Int) -> (length: Int, next: Int)? {
        guard position < bytes.count else { return nil }
        if bytes[position] < 0x80 { return (Int(bytes[position]), position + 1) }
        guard bytes.count - position >= 4 else { return nil }
        let length = Int(number(bytes, position) & 0x7fff) << 16 | Int(number(bytes, position + 2))
        return (length, position + 4)
    }

    private func isName(
        _ bytes: Span<UInt8>, _ start: Int, _ length: Int, _ name: StaticString
    ) -> Bool {
        guard length == name.utf8CodeUnitCount else { return false }
        let expected = name.description.utf8Span.span
        for index in expected.indices where bytes[start + index] != expected[index] { return false }
        return true
    }

    /// Whether a body that is longer than usual is taken.
    private func isTakenLong(_ all: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard announced <= bodyLimit.long else { return false }
        let bytes = all.extracting(range)
        return bodyLimit.mayBeLong(
            Method(value(of: "REQUEST_METHOD", bytes)), value(of: "REQUEST_URI", bytes))
    }

    /// The last parameter of that name, of those that lie within their record; ""
    /// if there is none.
    private func value(of name: StaticString, _ bytes: Span<UInt8>) -> String {
        var value = ""
        var position = 0
        while position < bytes.count, let (nameLength, afterName) = length(bytes, position),
            let (valueLength, start) = length(bytes, afterName)
        {
            position = start + nameLength + valueLength
            guard isName(bytes, start, nameLength, name) else { continue }
            var text: [UInt8] = []
            for index in start + nameLength..<position { text.append(bytes[index]) }
            value = String(decoding: text, as: UTF8.self)
        }
        return value
    }

    private func decimal(_ bytes: Span<UInt8>, _ start: Int, _ length: Int) -> Int? {
        guard (1...18).contains(length) else { return length == 0 ? 0 : nil }
        var value = 0
        for index in start..<start + length {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
            value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        }
        return value
    }

    /// Two bytes, the higher first.
    private func number(_ bytes: Span<UInt8>, _ position: Int) -> UInt16 {
        UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1])
    }
}

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
    /// Nothing that a web server sends.
    case malformed

    /// Bytes of all parameters together. nginx takes 32 KiB of header fields.
    static let parameterLimit = 65_536

    /// - Parameters:
    ///   - bytes: what has arrived, from the beginning of the request.
    ///   - bodyLimit: bytes of a body that are waited for.
    init(_ bytes: Span<UInt8>, bodyLimit: Int) {
        var scanner = Scanner(bodyLimit: bodyLimit)
        self = scanner.scan(bytes)
    }
}

/// The records of one request: FastCGI Specification 1.0, 3.3 and 5.
private struct Scanner {
    let bodyLimit: Int
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

    init(bodyLimit: Int) {
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
                    // It will be refused; no need to wait for it.
                    if announced > bodyLimit { return .ready }
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
            if isContentLength(bytes, start, nameLength) {
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

    private func isContentLength(_ bytes: Span<UInt8>, _ start: Int, _ length: Int) -> Bool {
        let name: StaticString = "CONTENT_LENGTH"
        guard length == name.utf8CodeUnitCount else { return false }
        let expected = name.description.utf8Span.span
        for index in expected.indices where bytes[start + index] != expected[index] { return false }
        return true
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

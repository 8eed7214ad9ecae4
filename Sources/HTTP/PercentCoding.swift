/// Percent-encoding (RFC 3986, 2.1; forms: WHATWG URL, 5.1).
public enum PercentCoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Everything but letters, digits and `-._~` is encoded.
    public static func encode(_ text: String) -> String {
        encode(text) { _ in false }
    }

    /// For a path as the value of a parameter: its slashes may stay (RFC 3986, 3.4).
    public static func encodeKeepingSlashes(_ text: String) -> String {
        encode(text) { $0 == UInt8(ascii: "/") }
    }

    /// Encodes a path; `/` and the other characters of a path stay.
    public static func encodePath(_ text: String) -> String {
        encode(text) { "/!$&'()*+,;=:@".utf8.contains($0) }
    }

    /// Encodes what lies beyond ASCII, where header fields cannot go.
    public static func encodeNonASCII(_ bytes: [UInt8]) -> String {
        var encoded: [UInt8] = []
        for byte in bytes {
            if byte < 0x80 {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func encode(_ text: String, keeping isKept: (UInt8) -> Bool) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isUnreserved(byte) || isKept(byte) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Decodes `%XX`; a `%` that no two digits follow stands for itself. Nil if
    /// the bytes are not UTF-8.
    ///
    /// - Parameter plusIsSpace: as in forms and queries.
    public static func decode(_ text: Substring, plusIsSpace: Bool) -> String? {
        decode(text.utf8Span.span, plusIsSpace: plusIsSpace)
    }

    static func decode(_ text: Span<UInt8>, plusIsSpace: Bool) -> String? {
        if isPlain(text) { return String(utf8: text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "%"), let value = twoDigits(text, index + 1) {
                bytes.append(value)
                index += 3
                continue
            }
            bytes.append(plusIsSpace && text[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : text[index])
            index += 1
        }
        return String(utf8: bytes.span)
    }

    /// Whether there is nothing to decode.
    private static func isPlain(_ text: Span<UInt8>) -> Bool {
        for index in text.indices
        where text[index] == UInt8(ascii: "%") || text[index] == UInt8(ascii: "+") {
            return false
        }
        return true
    }

    private static func twoDigits(_ text: Span<UInt8>, _ index: Int) -> UInt8? {
        guard index + 1 < text.count, let high = digitValue(text[index]),
            let low = digitValue(text[index + 1])
        else { return nil }
        return high << 4 | low
    }

    private static func digitValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default:
            false
        }
    }
}

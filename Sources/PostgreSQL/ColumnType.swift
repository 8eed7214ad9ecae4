internal import CPostgreSQL
internal import Database

/// What a column of a result becomes.
enum ColumnType {
    case boolean, integer, bytes, instant, text

    /// By the number that each type has on every server
    /// (`src/include/catalog/pg_type.dat` of PostgreSQL).
    init(_ type: Oid) {
        self =
            switch type {
            case 16: .boolean
            case 20, 21, 23: .integer
            case 17: .bytes
            case 1184: .instant
            default: .text
            }
    }

    /// A value from how the server writes it; nil if that is not its way.
    func value(of written: UnsafeRawBufferPointer) -> Value? {
        switch self {
        case .boolean: unsafe .integer(written.elementsEqual("t".utf8) ? 1 : 0)
        case .integer: Int64(unsafe String(decoding: written, as: UTF8.self)).map { .integer($0) }
        case .bytes: unsafe Self.bytes(written).map { .bytes($0) }
        case .instant: unsafe .text(Self.instant(String(decoding: written, as: UTF8.self)))
        case .text: unsafe .text(String(decoding: written, as: UTF8.self))
        }
    }

    /// `\x00ff`
    private static func bytes(_ written: UnsafeRawBufferPointer) -> [UInt8]? {
        guard unsafe written.starts(with: "\\x".utf8), written.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(written.count / 2 - 1)
        for index in stride(from: 2, to: written.count, by: 2) {
            guard let high = unsafe digit(written[index]), let low = unsafe digit(written[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// `2026-01-31 23:59:59.5+00` as programs write it that keep it in SQLite,
    /// which has no type for it: without the offset, and the fraction either
    /// whole, `2026-01-31 23:59:59.500000`, or not there. What is no common
    /// instant (`infinity`, one before Christ) stays as it is.
    private static func instant(_ written: String) -> String {
        guard written.hasSuffix("+00") else { return written }
        let text = written.dropLast("+00".count)
        guard let point = text.lastIndex(of: ".") else { return String(text) }
        let digits = text[point...].utf8.count - 1
        return text + String(repeating: "0", count: max(0, 6 - digits))
    }
}

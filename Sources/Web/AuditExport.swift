internal import Accounts
internal import HTTP

/// The audit as a file.
enum AuditExport {
    /// Events in one file at most; a filter by date gets at the others.
    static let limit = 100_000

    private static let names = ["time", "action", "actor", "subject", "from", "detail"]

    /// CSV (RFC 4180).
    static func csv(_ events: [AuditEvent]) -> [UInt8] {
        var bytes: [UInt8] = []
        append(names, to: &bytes)
        for event in events { append(values(of: event), to: &bytes) }
        return bytes
    }

    static func json(_ events: [AuditEvent]) -> [UInt8] {
        let list = events.map { event in
            JSON.object(
                [JSON.Member("id", .integer(event.id))]
                    + zip(names, values(of: event)).map { JSON.Member($0, .string($1)) })
        }
        return JSON.array(list).encoded
    }

    private static func values(of event: AuditEvent) -> [String] {
        [
            event.instant.iso8601, event.action.rawValue, event.actor?.email ?? "",
            event.subject?.email ?? "", event.clientAddress, event.detail,
        ]
    }

    private static func append(_ cells: [String], to bytes: inout [UInt8]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(UInt8(ascii: "\""))
            // A spreadsheet would take the cell for a formula (OWASP, CSV Injection).
            if let first = cell.utf8.first, "=+-@\t\r".utf8.contains(first) {
                bytes.append(UInt8(ascii: "'"))
            }
            for byte in cell.utf8 {
                if byte == UInt8(ascii: "\"") { bytes.append(byte) }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes += "\r\n".utf8
    }
}

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
        CSV.append(names, to: &bytes)
        for event in events { CSV.append(values(of: event), to: &bytes) }
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
}

internal import Database

/// What of the audit is asked for.
public struct AuditFilter: Sendable {
    /// Nil: any.
    public var action: AuditEvent.Action?
    /// A part of the address of whoever did it or whom it concerns; "": any.
    public var person: String
    /// From this instant on; nil: from the beginning.
    public var since: Timestamp?
    /// Before this instant; nil: to the end.
    public var until: Timestamp?

    public init(
        action: AuditEvent.Action? = nil, person: String = "", since: Timestamp? = nil,
        until: Timestamp? = nil
    ) {
        self.action = action
        self.person = person
        self.since = since
        self.until = until
    }
}

extension Accounts {
    public static let auditPageSize = 50

    /// Events, the newest first. There is no way to change one.
    ///
    /// - Parameters:
    ///   - before: the id of the last event of the page before; nil for the first page.
    ///   - limit: events at most.
    public func audit(_ filter: AuditFilter, before: Int64?, limit: Int = auditPageSize) throws
        -> [AuditEvent]
    {
        let action = filter.action?.rawValue ?? ""
        let person = "%\(Self.literalPattern(filter.person.lowercased()))%"
        let since = filter.since ?? Timestamp(microseconds: Int64.min)
        let until = filter.until ?? Timestamp(microseconds: Int64.max)
        return try database.read { connection in
            try connection.rows(
                """
                SELECT id, at, action, actor_id, actor_email, subject_id, subject_email, client_address, detail
                FROM audit_event
                WHERE id < \(before ?? Int64.max) AND at >= \(since) AND at < \(until)
                AND (\(action) = '' OR action = \(action))
                AND (\(person) = '%%' OR actor_email LIKE \(person) ESCAPE '!' OR subject_email LIKE \(person) ESCAPE '!')
                ORDER BY id DESC LIMIT \(Int64(limit))
                """
            ).map { try AuditEvent(row: $0) }
        }
    }

    /// What a person did, and what was done to him: the newest first.
    public func audit(of user: User.ID, before: Int64?, limit: Int = auditPageSize) throws -> [AuditEvent] {
        try database.read { connection in
            try connection.rows(
                """
                SELECT id, at, action, actor_id, actor_email, subject_id, subject_email, client_address, detail
                FROM audit_event
                WHERE id < \(before ?? Int64.max) AND (actor_id = \(user) OR subject_id = \(user))
                ORDER BY id DESC LIMIT \(Int64(limit))
                """
            ).map { try AuditEvent(row: $0) }
        }
    }

    func removeOldEvents(_ connection: any Connection) throws {
        let oldest = now() - Int64(rules.auditDays) * 86_400
        try connection.rows("DELETE FROM audit_event WHERE at < \(oldest)")
    }

    /// The wildcards of LIKE stand for themselves.
    private static func literalPattern(_ text: String) -> String {
        var pattern = ""
        for scalar in text.unicodeScalars {
            if scalar == "%" || scalar == "_" || scalar == "!" { pattern += "!" }
            pattern.unicodeScalars.append(scalar)
        }
        return pattern
    }
}

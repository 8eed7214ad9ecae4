internal import Accounts
internal import HTTP
internal import Templates

extension Site {
    /// Everything that happened, for owners.
    func showAudit(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        var page = Page(.audit, title: sentence(.titleAudit))
        let query = auditQuery(visit)
        page.values.set("PERSON", query.filter.person)
        // A field for dates can show nothing else.
        for (name, variable) in [("since", "SINCE"), ("until", "UNTIL")] as [(String, StaticString)] {
            let day = visit.query[name].flatMap { Timestamp(date: $0) == nil ? nil : $0 }
            page.values.set(variable, day ?? "")
        }
        page.values.set("AUDIT_DAYS", "\(accounts.rules.auditDays)")
        page.values.set("ACTION", visit.link("/organization/audit"))
        for action in AuditEvent.Action.allCases {
            var option = Values()
            option.set("OPTION", action.rawValue)
            option.set("OPTION_TEXT", sentence(of: action))
            option.show("CHOSEN", if: action == query.filter.action)
            page.values.add("OPTIONS", option)
        }
        page.values.set("CSV_URL", visit.link("/organization/audit.csv" + query.text(before: nil)))
        page.values.set("JSON_URL", visit.link("/organization/audit.json" + query.text(before: nil)))
        if !query.problems.isEmpty {
            page.status = .unprocessable
            page.add(query.problems)
            return try render(page, visit)
        }
        let events = try accounts.audit(query.filter, before: query.before)
        add(events, to: &page)
        if let last = events.last, events.count == Accounts.auditPageSize {
            page.values.set("NEXT_URL", visit.link("/organization/audit" + query.text(before: last.id)))
            page.values.add("NEXT")
        }
        return try render(page, visit)
    }

    func downloadAuditCSV(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try download(visit, visitor, contentType: "text/csv; charset=utf-8", name: "audit.csv") {
            AuditExport.csv($0)
        }
    }

    func downloadAuditJSON(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try download(visit, visitor, contentType: "application/json", name: "audit.json") {
            AuditExport.json($0)
        }
    }

    /// What concerns the visitor himself.
    func showActivity(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        var page = Page(.activity, title: sentence(.titleActivity))
        let before = visit.query["before"].flatMap { Int64($0) }
        let events = try accounts.audit(of: visitor.member.user.id, before: before)
        add(events, to: &page, seenBy: visitor.member.user.id)
        page.values.set("AUDIT_DAYS", "\(accounts.rules.auditDays)")
        if let last = events.last, events.count == Accounts.auditPageSize {
            page.values.set("NEXT_URL", visit.link("/user/account/activity?before=\(last.id)"))
            page.values.add("NEXT")
        }
        return try render(page, visit)
    }

    /// - Parameter member: who reads, if he is no owner: where others came from
    ///   is not for him.
    private func add(_ events: [AuditEvent], to page: inout Page, seenBy member: User.ID? = nil) {
        for event in events {
            let isHidden = member != nil && event.actor != nil && event.actor?.id != member
            var values = Values()
            values.set("EVENT_AT", sentence(.instant, event.instant.date, event.instant.time))
            values.set("EVENT_AT_ISO", event.instant.iso8601)
            values.set("EVENT_ACTION", sentence(of: event.action))
            values.set("EVENT_ACTOR", event.actor?.email ?? "–")
            values.set("EVENT_SUBJECT", event.subject?.email ?? "–")
            values.set("EVENT_FROM", isHidden ? "–" : address(of: event))
            values.set("EVENT_DETAIL", event.detail)
            page.values.add("EVENT", values)
        }
        page.values.show("NO_EVENTS", if: events.isEmpty)
    }

    private func address(of event: AuditEvent) -> String {
        switch event.clientAddress {
        case "": sentence(.unknownAddress)
        case Client.commandLine.address: sentence(.commandLine)
        default: event.clientAddress
        }
    }

    private func download(
        _ visit: Visit, _ visitor: Visitor, contentType: String, name: String,
        _ encode: ([AuditEvent]) -> [UInt8]
    ) throws -> Response {
        let query = auditQuery(visit)
        guard query.problems.isEmpty else { return errorPage(.badRequest, visit) }
        let events = try accounts.audit(query.filter, before: nil, limit: AuditExport.limit)
        try accounts.record(.auditRead, by: visitor.member.user.id, from: client(of: visit))
        var response = Response(.ok, contentType: contentType, body: encode(events))
        response.add("Content-Disposition", "attachment; filename=\"\(name)\"")
        return response
    }

    private struct AuditQuery {
        var filter = AuditFilter()
        var before: Int64?
        var problems: [FieldProblem] = []
        var fields: [(String, String)] = []

        func text(before: Int64?) -> String {
            let all = fields + (before.map { [("before", "\($0)")] } ?? [])
            let pairs = all.map { "\($0.0)=\(PercentCoding.encode($0.1))" }
            return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
        }
    }

    private func auditQuery(_ visit: Visit) -> AuditQuery {
        var query = AuditQuery()
        for name in ["action", "person", "since", "until"] {
            guard let value = visit.query[name], !value.isEmpty else { continue }
            query.fields.append((name, value))
            switch name {
            case "action": query.filter.action = AuditEvent.Action(rawValue: value)
            case "person": query.filter.person = value
            default:
                guard let day = Timestamp(date: value) else {
                    query.problems.append(
                        FieldProblem(
                            field: "audit-\(name)", section: nil, message: sentence(.dateMalformed)))
                    continue
                }
                // The day that is named is the last one.
                if name == "since" { query.filter.since = day } else { query.filter.until = day + 86_400 }
            }
        }
        query.before = visit.query["before"].flatMap { Int64($0) }
        return query
    }
}

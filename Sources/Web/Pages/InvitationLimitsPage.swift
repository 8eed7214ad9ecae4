internal import Accounts
internal import HTTP
internal import Templates

extension Site {
    /// How long and how often the invite link works, for owners.
    func showInvitationLimits(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let limits = try accounts.invitationUse(of: visitor.member.organization).limits
        let joins = limits.joinsLeft.map { "\($0)" }
        let until = limits.until.map { ($0 - 1).date }
        return try render(invitationLimitsForm(until: until, joins: joins, shown: joins), visit)
    }

    func limitInvitation(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let form = try visit.form
        let (limits, problems) = invitationLimits(form)
        if !problems.isEmpty { return try refusedLimits(form, problems, shown: form["shown"], visit) }
        do {
            let shown = InvitationLimits(until: nil, joinsLeft: form["shown"].flatMap { Int64($0) })
            try accounts.limitInvitation(
                limits, insteadOf: shown, by: visitor.requester, from: client(of: visit))
        } catch Accounts.MembershipRefusal.notOwner {
            return refusedRight(visit)
        } catch is Accounts.InvitationLimitsChanged {
            let left = try accounts.invitationUse(of: visitor.member.organization).limits.joinsLeft
            let words = left.map { sentence(.limitsChanged, "\($0)") } ?? sentence(.limitsRemoved)
            let problem = FieldProblem(field: "limits-joins", section: "JOINS_PROBLEM", message: words)
            return try refusedLimits(form, [problem], shown: left.map { "\($0)" }, visit)
        }
        return redirect(to: visit.link("/organization/invite?done=\(Notice.invitationLimited.rawValue)"))
    }

    private func refusedLimits(
        _ form: Form, _ problems: [FieldProblem], shown: String?, _ visit: Visit
    ) throws -> Response {
        var page = invitationLimitsForm(until: form["until"], joins: form["joins"], shown: shown)
        page.status = .unprocessable
        page.add(problems)
        return try render(page, visit)
    }

    /// What the page of the link says of it.
    func addUse(of organization: Organization, to page: inout Page) throws {
        let use = try accounts.invitationUse(of: organization)
        addJoins(use, to: &page)
        let isLimited = use.limits != InvitationLimits(until: nil, joinsLeft: nil)
        page.values.show("SIGN_UP_OPEN", if: isLimited && accounts.rules.isSignUpOpen)
        if let refusal = use.limits.refusal(at: now()) {
            var values = Values()
            let isOver = refusal == .invitationExpired
            values.set("LIMIT_TEXT", sentence(isOver ? .invitationExpired : .invitationUsedUp))
            page.values.add("CLOSED", values)
            return
        }
        var limits: [String] = []
        if let until = use.limits.until { limits.append(sentence(.invitationLastDay, (until - 1).date)) }
        if let left = use.limits.joinsLeft {
            limits.append(sentence(left == 1 ? .invitationOneJoin : .invitationJoins, "\(left)"))
        }
        for text in limits {
            var values = Values()
            values.set("LIMIT_TEXT", text)
            page.values.add("LIMIT", values)
        }
        page.values.show("UNLIMITED", if: limits.isEmpty)
        page.values.show("LIMITED", if: !limits.isEmpty)
    }

    /// How many have joined by the link, and since when.
    func addJoins(_ use: InvitationUse, to page: inout Page) {
        let words: Sentence =
            switch use.joins {
            case 0: .nobodyJoined
            case 1: .onePersonJoined
            default: .peopleJoined
            }
        page.values.set("JOINED", sentence(words, use.since.date, "\(use.joins)"))
    }

    private func invitationLimitsForm(until: String?, joins: String?, shown: String?) -> Page {
        var page = Page(.inviteLimits, title: sentence(.titleInviteLimits))
        // A field for dates can show nothing else.
        page.values.set("UNTIL", until.flatMap { Timestamp(date: $0) == nil ? nil : $0 } ?? "")
        page.values.set("JOINS", joins ?? "")
        page.values.set("JOINS_SHOWN", shown ?? "")
        page.values.show("SIGN_UP_OPEN", if: accounts.rules.isSignUpOpen)
        return page
    }

    private func invitationLimits(_ form: Form) -> (InvitationLimits, [FieldProblem]) {
        var (until, joins): (Timestamp?, Int64?)
        var problems: [FieldProblem] = []
        func refuse(_ field: String, _ section: StaticString, _ message: String) {
            problems.append(FieldProblem(field: field, section: section, message: message))
        }
        if let text = form["until"].map(trimmed), !text.isEmpty {
            if let day = Timestamp(date: text) {
                until = day + 86_400
                if day + 86_400 <= now() {
                    refuse("limits-until", "UNTIL_PROBLEM", sentence(.limitsDayOver))
                }
            } else {
                refuse("limits-until", "UNTIL_PROBLEM", sentence(.dateMalformed))
            }
        }
        if let text = form["joins"].map(trimmed), !text.isEmpty {
            joins = Int64(text)
            if !(joins.map(InvitationLimits.joins.contains) ?? false) {
                refuse(
                    "limits-joins", "JOINS_PROBLEM",
                    sentence(.limitsJoinsMalformed, "\(InvitationLimits.joins.upperBound)"))
            }
        }
        return (InvitationLimits(until: until, joinsLeft: joins), problems)
    }
}

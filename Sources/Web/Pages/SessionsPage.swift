internal import Accounts
internal import HTTP
internal import Secrets
internal import Templates

extension Site {
    /// Where the visitor is logged in.
    func showSessions(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let sessions = try accounts.sessions(of: visitor.member.user.id)
        var page = Page(.sessions, title: sentence(.titleSessions))
        for session in sessions {
            var values = sessionValues(session)
            if session.id == visitor.sessionID {
                values.add("THIS_ONE")
            } else {
                var other = Values()
                other.set("SESSION_ID", Encoding.hexadecimal(session.id))
                values.add("OTHER", other)
            }
            page.values.add("SESSION", values)
        }
        page.values.show("OTHERS", if: sessions.contains { $0.id != visitor.sessionID })
        return try render(page, visit)
    }

    func endSession(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        // One that has ended meanwhile is what was asked for, too.
        if let id = try visit.form["session"].flatMap(Encoding.decodeHexadecimal) {
            _ = try accounts.endSession(id, of: visitor, from: client(of: visit))
        }
        return redirect(to: visit.link("/user/account/sessions?done=\(Notice.sessionEnded.rawValue)"))
    }

    func askAboutEverybodysSessions(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try render(Page(.sessionsEnd, title: sentence(.titleSessionsEnd)), visit)
    }

    func endEverybodysSessions(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        do {
            try accounts.endEverybodysSessions(by: .requester(visitor.requester), from: client(of: visit))
        } catch Accounts.MembershipRefusal.notOwner {
            return refusedRight(visit)
        }
        return redirect(to: visit.link("/organization/access?done=\(Notice.everybodyLoggedOut.rawValue)"))
    }

    func endOtherSessions(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try accounts.endOtherSessions(of: visitor, from: client(of: visit))
        return redirect(to: visit.link("/user/account/sessions?done=\(Notice.otherSessionsEnded.rawValue)"))
    }

    func sessionValues(_ session: SessionSummary) -> Values {
        let agent = UserAgent(session.userAgent)
        var values = Values()
        values.set("SESSION_BROWSER", agent.browser ?? sentence(.unknownBrowser))
        values.set("SESSION_SYSTEM", agent.system ?? sentence(.unknownSystem))
        values.set(
            "SESSION_ADDRESS",
            session.clientAddress.isEmpty ? sentence(.unknownAddress) : session.clientAddress)
        values.set("SESSION_STARTED", sentence(.instant, session.startedAt.date, session.startedAt.time))
        values.set("SESSION_STARTED_ISO", session.startedAt.iso8601)
        values.set("SESSION_SEEN", sentence(.instant, session.lastSeenAt.date, session.lastSeenAt.time))
        values.set("SESSION_SEEN_ISO", session.lastSeenAt.iso8601)
        return values
    }
}

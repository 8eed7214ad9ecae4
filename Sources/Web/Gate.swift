internal import Accounts
internal import HTTP

/// The gate: before each request for a guarded site nginx asks whether it may
/// pass (`auth_request`). The answer has no body; `nginx/gate.conf` and
/// `nginx/gate-check.conf` read its status and its header fields.
///
/// Nothing is remembered from one request to the next, so that whatever ends a
/// session ends it here, too, in whichever process it was done.
extension Site {
    ///
    /// - Parameter isHurried: whether nothing may be done that takes long.
    /// - Returns: nil: it does.
    func answerGate(
        _ question: GateQuestion, _ visit: Visit, isHurried: Bool, beginning: Timestamp?
    ) -> Response? {
        let response: Response
        do {
            guard let decision = try decide(question, visit, isHurried: isHurried) else { return nil }
            response = decision
        } catch {
            response = Response(failure(error, visit).status)
        }
        figures.countAtGate(response.status)
        // Who passes has a line where his request is answered.
        if response.status != .noContent { log(visit, response.status, since: beginning) }
        return response
    }

    /// 204 for members, 401 for those who have to log in, 403 for what is refused.
    private func decide(
        _ question: GateQuestion, _ visit: Visit, isHurried: Bool
    ) throws -> Response? {
        switch try authenticate(visit) {
        case .token(let requester):
            visit.callingMember = requester.member
            if question == .handshake { noteWebSocket(requester.access) }
            return try pass(requester.member, question, visit, isHurried: isHurried)
        case .session(let standing, let requester):
            visit.standing = standing
            // The site gets no cookie that it could tell its own visitors by.
            if question == .handshake || !visit.request.method.isSafe,
                case .no(let sender) = try sameOrigin(visit)
            {
                noteForeignRequest(visit, from: sender)
                return refuse(.forbidden, "This request did not come from a page of this site.")
            }
            if question == .handshake { noteWebSocket(requester.access) }
            return try pass(requester.member, question, visit, isHurried: isHurried)
        case .nobody(let detail):
            var response = refuse(.unauthorized, detail)
            if question == .page {
                response.add("Location", try entrance(visit))
            } else {
                response.add("WWW-Authenticate", "Token")
            }
            return response
        case .throttled(let seconds):
            // nginx takes no other status from a gate; its own answer is 429.
            var response = refuse(
                .forbidden, "Request was throttled. Expected available in \(seconds) seconds.")
            response.add("Retry-After", "\(seconds)")
            return response
        }
    }

    private func pass(
        _ member: Member, _ question: GateQuestion, _ visit: Visit, isHurried: Bool
    ) throws -> Response? {
        guard visit.request.isForLabelingServer else { return pass(member, visit) }
        return try passToLabelingServer(member, question, visit, isHurried: isHurried)
    }

    private func pass(_ member: Member, _ visit: Visit) -> Response {
        let cookies = Cookies(header: visit.request.header.cookie).leavingOut(cookieNames.contains)
        return pass(member, visit, cookies: cookies)
    }

    /// Who it is, and what of the request may reach the site.
    func pass(_ member: Member, _ visit: Visit, cookies: String) -> Response {
        var response = Response(.noContent)
        response.add("Remote-User", member.user.email.text)
        response.add("Remote-Email", member.user.email.text)
        response.add("Remote-Name", headerText(member.user.displayName) ?? member.user.email.text)
        response.add("Remote-Groups", member.role == .owner ? "owner,member" : "member")
        response.add("Gate-Scheme", visit.address.isSecure ? "https" : "http")
        response.add("Gate-Session", sessionCookieName(for: visit.address))
        // With it no browser takes a cookie of that name from the site.
        response.add("Gate-Session-Flag", visit.address.isSecure ? "nosecure" : "secure")
        if !cookies.isEmpty { response.add("Gate-Cookie", cookies) }
        return response
    }

    func refuse(_ status: Status, _ detail: String) -> Response {
        var response = Response(status)
        response.add("Gate-Detail", detail)
        return response
    }

    /// Where a stranger goes: the very first one makes his organization. At another
    /// host of ours, for a ticket.
    private func entrance(_ visit: Visit) throws -> String {
        if visit.address.isSiteHost { return Next.siteEntrance(then: destination(visit)) }
        if try accounts.organization() == nil { return visit.link("/user/signup/") }
        return Next.logIn(visit, then: destination(visit))
    }

    /// Where somebody goes after logging in, or being let in otherwise: where he
    /// wanted to go, if it can be asked for once more, and the session will be known
    /// there.
    func destination(_ visit: Visit) -> String {
        guard visit.request.method == .get || visit.request.method == .head, let path = visit.path,
            visit.address.isSessionSent(to: path)
        else { return visit.link("/") }
        return visit.request.target
    }

    /// A name as a site can show it: no control characters, no line separators, no
    /// spaces around it; nil if nothing is left.
    private func headerText(_ text: String) -> String? {
        let visible = UInt8(ascii: "!")...UInt8(ascii: "~")
        if let first = text.utf8.first, let last = text.utf8.last, visible.contains(first),
            visible.contains(last), text.utf8.allSatisfy({ visible.contains($0) || $0 == 0x20 })
        {
            return text
        }
        let unwanted: [Unicode.GeneralCategory] = [.control, .lineSeparator, .paragraphSeparator]
        var scalars = text.unicodeScalars.filter { !unwanted.contains($0.properties.generalCategory) }[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return scalars.isEmpty ? nil : String(String.UnicodeScalarView(scalars))
    }
}

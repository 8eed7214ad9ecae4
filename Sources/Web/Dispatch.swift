internal import Accounts
internal import HTTP

extension Site {
    /// Finds the action for a visit, checks that the visitor may have it, and
    /// runs it.
    func answer(_ visit: Visit) throws -> Response {
        let isSiteHost = visit.address.isSiteHost
        guard let path = visit.path, let match = Route.matching(path),
            match.route.isOfSiteHosts == isSiteHost
        else { return isSiteHost ? leadToPages(visit) : errorPage(.notFound, visit) }
        let route = match.route
        visit.route = match.index
        visit.numbers = match.numbers
        guard visit.hasReadableQuery else { return errorPage(.badRequest, visit) }
        let method: Method = visit.request.method == .head ? .get : visit.request.method
        if method == .options {
            var response = Response(.ok)
            response.add("Allow", route.allowed)
            return response
        }
        guard let action = route.actions.first(where: { $0.method == method })?.action else {
            var response = errorPage(.methodNotAllowed, visit)
            response.add("Allow", route.allowed)
            return response
        }
        switch visit.request.body {
        case .complete: break
        // Those who take files have words for it.
        case .tooLarge where route.takesFile && method == .post: break
        case .tooLarge: return errorPage(.contentTooLarge, visit)
        case .cutOff: return errorPage(.badRequest, visit)
        }
        return try run(action, visit)
    }

    private func run(_ action: Route.Action, _ visit: Visit) throws -> Response {
        switch action {
        case .anyone(let handler):
            if let refusal = try foreignRequestRefusal(visit) { return refusal }
            return try handler(self)(visit)
        case .member(let handler):
            guard let visitor = visit.visitor else { return redirectToLogIn(visit) }
            if let refusal = try foreignRequestRefusal(visit) { return refusal }
            return try handler(self)(visit, visitor)
        case .owner(let handler):
            guard let visitor = visit.visitor else { return redirectToLogIn(visit) }
            guard visitor.member.role == .owner else { return refusedRight(visit) }
            if let refusal = try foreignRequestRefusal(visit) { return refusal }
            return try handler(self)(visit, visitor)
        case .caller(let handler):
            return try runCall(visit) { try handler(self)(visit, $0) }
        case .anyCaller(let handler):
            return try handler(self)(visit, try optionalCaller(visit))
        case .callingOwner(let handler, let refusal):
            return try runCall(visit) { requester in
                guard requester.member.role == .owner else { return refusedRight(visit, refusal) }
                return try handler(self)(visit, requester)
            }
        }
    }

    private func runCall(_ visit: Visit, _ handler: (Requester) throws -> Response) throws -> Response {
        switch try authenticate(visit) {
        case .token(let requester):
            visit.callingMember = requester.member
            return try handler(requester)
        case .session(let standing, let requester):
            visit.standing = standing
            if let refusal = try foreignRequestRefusal(visit) { return refusal }
            return try handler(requester)
        case .nobody(let detail):
            return unauthorized(detail, visit)
        case .throttled(let seconds):
            return tooManyTries(seconds, visit)
        }
    }

    private func optionalCaller(_ visit: Visit) throws -> Requester? {
        switch try authenticate(visit) {
        case .token(let requester):
            visit.callingMember = requester.member
            return requester
        case .session(let standing, let requester):
            visit.standing = standing
            if !visit.request.method.isSafe, case .no = try sameOrigin(visit) { return nil }
            return requester
        case .nobody, .throttled:
            return nil
        }
    }

    /// Nil if the request may be acted upon: it is safe, or it comes from a
    /// page of ours.
    private func foreignRequestRefusal(_ visit: Visit) throws -> Response? {
        guard !visit.request.method.isSafe else { return nil }
        switch try sameOrigin(visit) {
        case .yes:
            return nil
        case .no(let sender):
            noteForeignRequest(visit, from: sender)
            return foreignRequestPage(visit, from: sender)
        }
    }

    func noteForeignRequest(_ visit: Visit, from sender: SameOrigin.Sender) {
        note(
            .warning, "foreign-request", visit,
            [
                ("path", visit.loggedPath), ("reference", reference(of: visit)),
                ("expected", visit.address.origin), ("received", "\(sender)"),
            ])
    }

    /// Somebody was faster, and took away the access of whoever asked.
    private func accessEnded(_ visit: Visit) -> Response {
        if visit.isAPI { return unauthorized(APIFault.noCredentials, visit) }
        var response = redirectToLogIn(visit)
        expireSessionCookie(in: &response, visit)
        return response
    }

    /// 403 for a member who is no owner (any more).
    ///
    /// - Parameter detail: what a call of the API is told.
    func refusedRight(_ visit: Visit, _ detail: String = APIFault.noRight) -> Response {
        note(
            .warning, "right-refused", visit,
            [
                ("path", visit.loggedPath), ("reference", reference(of: visit)),
                ("user", visit.caller.map { "\($0.number)" } ?? "-"),
            ])
        return visit.isAPI ? apiError(.forbidden, detail, visit) : errorPage(.forbidden, visit)
    }

    private func redirectToLogIn(_ visit: Visit) -> Response {
        let here =
            visit.request.method == .get || visit.request.method == .head
            ? Next.here(visit) : visit.link("/")
        return redirect(to: Next.logIn(visit, then: here))
    }

    /// Turns what a handler threw into an answer. What happened is for the log, under
    /// the reference that the visitor gets.
    func failure(_ error: any Error, _ visit: Visit) -> Response {
        if error is Visit.UnreadableForm { return errorPage(.badRequest, visit) }
        if error is Accounts.AccessEnded { return accessEnded(visit) }
        if let fault = error as? APIFault { return apiError(fault, visit) }
        if case Accounts.MembershipRefusal.notOwner = error { return refusedRight(visit) }
        note(
            .error, "failure", visit,
            [
                ("reference", reference(of: visit)), ("method", visit.request.method.name),
                ("path", visit.loggedPath), ("error", "\(error)"),
            ])
        guard let fault = Accounts.temporaryFault(error) else {
            return errorPage(.internalServerError, visit)
        }
        var response = errorPage(
            .serviceUnavailable, visit, words: fault == .storage ? .storage : nil)
        response.add("Retry-After", fault == .storage ? "60" : "5")
        return response
    }

    /// Writes to the log, with who asked from where.
    func note(
        _ level: Event.Level, _ name: String, _ visit: Visit, _ fields: [(name: String, value: String)] = []
    ) {
        let client = visit.clientText.isEmpty ? "unknown" : visit.clientText
        log(Event(level, name, [("from", client)] + fields))
    }

    /// The other end, as the audit names it.
    func client(of visit: Visit) -> Client {
        Client(address: visit.clientText, userAgent: visit.request.header.userAgent ?? "")
    }

    func redirect(to location: String) -> Response {
        var response = Response(.found)
        response.add("Location", location)
        return response
    }
}

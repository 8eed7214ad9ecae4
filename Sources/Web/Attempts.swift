internal import Accounts
internal import HTTP
internal import Limits

/// What could be a guess, counted before its outcome is known.
struct Attempt {
    let instant: Timestamp
    /// Each budget with the key that was taken from; nil: this one was not asked.
    let pairs: [(budget: Budget, key: Budget.Key?)]

    /// What came of asking.
    enum Admittance {
        case allowed(Attempt)
        case wait(seconds: Int)
    }
}

/// What is limited, as the audit names it.
public enum Limit: String, Sendable, CaseIterable {
    case logIn = "log-in"
    case signUp = "sign-up"
    case link
    case currentPassword = "current-password"
    case apiToken = "api-token"
}

extension Site {
    /// A log-in takes from the budget of the browser, if it was logged in to
    /// the account before; else from those of the network and of the account,
    /// which an attacker can exhaust.
    func beginLogIn(_ typed: String, _ visit: Visit) throws -> Attempt.Admittance {
        let email = try? EmailAddress(parsing: typed)
        let pairs: [(Budget, Budget.Key?)]
        if let known = try knownBrowserKey(email, visit) {
            pairs = [(throttle.browsers, known)]
        } else {
            // One account has one key, however its address is typed. The network
            // comes first: one that has to wait costs the account nothing. It
            // stays taken if the account has to wait: whoever asks again and
            // again for the moment in which the account is free must not get it
            // before its owner does.
            let account = Budget.Key(email?.text ?? typed)
            pairs = [(throttle.addresses, networkKey(visit)), (throttle.accounts, account)]
        }
        return try begin(pairs, .logIn, visit) {
            let user = try email.flatMap { try accounts.userID(email: $0) }
            return (user, user == nil ? accounts.pseudonym(ofEmail: typed) : "")
        }
    }

    /// A password that somebody claims to have in the labeling server. Whoever was
    /// logged in here before is not known there: he could have taken any address.
    func beginEntry(_ email: EmailAddress, _ visit: Visit) throws -> Attempt.Admittance {
        let account = Budget.Key("there " + email.text)
        let pairs = [(throttle.addresses, networkKey(visit)), (throttle.accounts, account)]
        return try begin(pairs, .logIn, visit) { (nil, "labeling-server") }
    }

    /// A sign-up. Who has a link does not wait because of those who have none.
    func beginSignUp(_ admission: Admission, _ visit: Visit) throws -> Attempt.Admittance {
        let kind: [UInt8] = if case .open = admission { [] } else { [UInt8(ascii: "i")] }
        let key = addresses.accountableClient(of: visit.request).map { Budget.Key(kind + $0.network) }
        return try begin([(throttle.signUps, key)], .signUp, visit)
    }

    /// A link with a token.
    func beginLink(_ visit: Visit) throws -> Attempt.Admittance {
        try begin([(throttle.links, networkKey(visit))], .link, visit)
    }

    /// The current password of somebody who is logged in.
    private func beginConfirmation(_ visit: Visit, _ visitor: Visitor) throws -> Attempt.Admittance {
        try begin([(throttle.confirmations, Budget.Key(visitor.sessionID))], .currentPassword, visit) {
            (visitor.member.user.id, "")
        }
    }

    /// Runs an act that asks for the current password of the visitor.
    func confirming(
        _ visit: Visit, _ visitor: Visitor, _ act: () throws -> Response
    ) throws -> Response {
        switch try beginConfirmation(visit, visitor) {
        case .wait(let seconds):
            return tooManyTries(seconds, visit)
        case .allowed(let attempt):
            // Both of these tell something to whoever guesses.
            let response = try undoing(
                attempt, unless: { $0 is Accounts.WrongPassword || $0 is Accounts.EmailTaken }, act)
            succeed(attempt)
            return response
        }
    }

    /// A token for the API. One that worked from here before is no guess.
    func beginToken(_ token: String, _ visit: Visit) throws -> Attempt.Admittance {
        if throttle.knownTokens.contains(knownTokenKey(token, visit)) {
            return .allowed(Attempt(instant: now(), pairs: []))
        }
        // A token may be short, and has no other budget: where all clients look
        // like one, they share this one.
        let key = networkKey(visit) ?? Budget.Key("unknown")
        return try begin([(throttle.tokens, key)], .apiToken, visit)
    }

    func knownTokenKey(_ token: String, _ visit: Visit) -> Budget.Key {
        let network = addresses.client(of: visit.request)?.network ?? []
        return Budget.Key(network + [UInt8(ascii: " ")] + Array(token.utf8))
    }

    /// It was no guess: the budget of one person begins anew, that of a network
    /// gets back what was taken, for others share it.
    func succeed(_ attempt: Attempt) {
        for (budget, key) in attempt.pairs {
            guard let key else { continue }
            if throttle.isPersonal(budget) {
                budget.forget(key)
            } else {
                budget.giveBack(key, at: attempt.instant.microseconds)
            }
        }
    }

    /// Runs what decides about an attempt. A fault of ours is no guess.
    func undoing<Result>(
        _ attempt: Attempt?, unless isGuess: (any Error) -> Bool, _ decide: () throws -> Result
    ) throws -> Result {
        do {
            return try decide()
        } catch  where isGuess(error) {
            throw error
        } catch {
            if let attempt { undo(attempt) }
            throw error
        }
    }

    /// As if it had not been tried.
    func undo(_ attempt: Attempt) {
        for case (let budget, let key?) in attempt.pairs {
            budget.giveBack(key, at: attempt.instant.microseconds)
        }
    }

    /// Takes one attempt from each of the budgets, up to the one that refuses.
    ///
    /// - Parameters:
    ///   - limit: what was tried.
    ///   - subject: whose account it is about, looked up only if it is noted.
    private func begin(
        _ pairs: [(budget: Budget, key: Budget.Key?)], _ limit: Limit, _ visit: Visit,
        subject: () throws -> (User.ID?, name: String) = { (nil, "") }
    ) throws -> Attempt.Admittance {
        let instant = now()
        guard throttle.isOn else { return .allowed(Attempt(instant: instant, pairs: [])) }
        for pair in pairs {
            guard let key = pair.key else { continue }
            switch pair.budget.take(key, at: instant.microseconds) {
            case .allowed: continue
            case .wait(let seconds, let isFirst):
                figures.count(limit)
                if isFirst { noteLimit(limit, visit, subject, at: instant) }
                return .wait(seconds: seconds)
            }
        }
        return .allowed(Attempt(instant: instant, pairs: pairs))
    }

    /// The limit holds whether or not its row can be kept.
    private func noteLimit(
        _ limit: Limit, _ visit: Visit, _ subject: () throws -> (user: User.ID?, name: String),
        at instant: Timestamp
    ) {
        var detail = limit.rawValue
        do {
            let (user, name) = try subject()
            if !name.isEmpty { detail += " \(name)" }
            if case .allowed = auditBounds.reachedLimits.take(Budget.Key("audit"), at: instant.microseconds) {
                return try accounts.record(
                    .limitReached, by: nil, on: user, detail: detail, from: client(of: visit))
            }
        } catch {
            detail += " (not stored)"
        }
        note(.warning, AuditEvent.Action.limitReached.rawValue, visit, [("detail", detail)])
    }

    /// The key of the network that a request comes from; nil if nobody can be
    /// held to account for it.
    private func networkKey(_ visit: Visit) -> Budget.Key? {
        addresses.accountableClient(of: visit.request).map { Budget.Key($0.network) }
    }
}

internal import Accounts
internal import HTTP

/// Who calls the API.
enum Caller {
    /// By a token in a header: no browser sends that by itself.
    case token(Requester)
    /// By the session cookie.
    case session(Standing, Requester)
    /// Why not, as clients know it.
    case nobody(detail: String)
    /// Too many tokens from here that nobody has.
    case throttled(seconds: Int)
}

extension Site {
    func authenticate(_ visit: Visit) throws -> Caller {
        switch TokenHeader(visit.request.header) {
        case .token(let text):
            return try authenticate(token: text, visit)
        case .bearer(let text):
            // One that is not valid says nothing, as to the product we follow.
            if let id = accessTokens.refreshID(ofAccessToken: text, at: now()),
                let requester = try accounts.requester(accessTokenBy: id)
            {
                return .token(requester)
            }
            return try authenticateBySession(visit)
        case .malformed(let detail):
            return .nobody(detail: detail)
        case .absent:
            return try authenticateBySession(visit)
        }
    }

    private func authenticateBySession(_ visit: Visit) throws -> Caller {
        let standing = try standing(of: visit)
        if let visitor = standing.visitor { return .session(standing, visitor.requester) }
        return .nobody(detail: APIFault.noCredentials)
    }
}

extension Site {
    private static let apiTokensOff =
        "Authentication token no longer valid: legacy token authentication has been disabled for this organization"

    private func authenticate(token: String, _ visit: Visit) throws -> Caller {
        switch try beginToken(token, visit) {
        case .wait(let seconds):
            return .throttled(seconds: seconds)
        case .allowed(let attempt):
            let requester: Requester?
            do {
                requester = try undoing(attempt, unless: { _ in false }) {
                    try accounts.requester(apiToken: token)
                }
            } catch is Accounts.APITokensOff {
                return .nobody(detail: Self.apiTokensOff)
            }
            guard let requester else {
                note(.warning, "token-refused", visit, [("path", visit.loggedPath)])
                return .nobody(detail: "Invalid token.")
            }
            succeed(attempt)
            throttle.knownTokens.insert(knownTokenKey(token, visit))
            return .token(requester)
        }
    }
}

/// `X-Api-Key: KEY`, `Authorization: Bearer TOKEN`, or `Authorization: Token KEY`; the first overrides the second.
private enum TokenHeader {
    case token(String)
    case bearer(String)
    case malformed(detail: String)
    case absent

    init(_ header: Request.Header) {
        if let key = header.apiKey {
            self = .token(key)
            return
        }
        let words = (header.authorization ?? "").split(separator: " ")
        if words.count == 2, words[0] == "Bearer" {
            self = .bearer(String(words[1]))
            return
        }
        guard let scheme = words.first, scheme.lowercased() == "token" else {
            self = .absent
            return
        }
        switch words.count {
        case 1:
            self = .malformed(detail: "Invalid token header. No credentials provided.")
        case 2 where words[1].utf8.allSatisfy({ $0 < 0x80 }):
            self = .token(String(words[1]))
        case 2:
            self = .malformed(
                detail: "Invalid token header. Token string should not contain invalid characters.")
        default:
            self = .malformed(detail: "Invalid token header. Token string should not contain spaces.")
        }
    }
}

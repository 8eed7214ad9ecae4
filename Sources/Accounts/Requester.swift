internal import Database

/// A member who asks for an act, and what he showed for it. Both are looked at
/// again in the transaction of the act: it may have waited for others, and one
/// of them may have taken away his access.
public struct Requester: Sendable {
    public let member: Member
    let proof: Proof

    enum Proof: Sendable, Hashable {
        case session(id: [UInt8])
        case apiToken(lookupHash: [UInt8])
        /// An access token that was made by this one.
        case accessToken(refreshToken: String)
    }
}

extension Visitor {
    public var requester: Requester {
        Requester(member: member, proof: .session(id: sessionID))
    }
}

extension Accounts {
    /// Whoever asked has lost his access since.
    public struct AccessEnded: Error {
        public init() {}
    }

    /// Whoever asks for an act: a member, or the person who runs the server.
    public enum Authority: Sendable {
        case requester(Requester)
        case commandLine

        var user: User.ID? {
            switch self {
            case .requester(let requester): requester.member.user.id
            case .commandLine: nil
            }
        }

        /// The session that asks; see `Visitor.sessionID`.
        var session: [UInt8]? {
            guard case .requester(let requester) = self, case .session(let id) = requester.proof else {
                return nil
            }
            return id
        }
    }

    /// Runs one act for somebody who still has access when it begins.
    ///
    /// - Throws: `AccessEnded`, or what `body` throws.
    func act<Result>(
        by authority: Authority, from client: Client, _ body: (inout Act) throws -> Result
    ) throws -> Result {
        try act(from: client) { act in
            if case .requester(let requester) = authority { try checkAccess(of: requester, in: act) }
            return try body(&act)
        }
    }

    private func checkAccess(of requester: Requester, in act: Act) throws {
        let user = requester.member.user.id
        let found =
            switch requester.proof {
            case .session(let id):
                try act.connection.row(
                    """
                    SELECT m.user_id FROM member m JOIN session s ON s.user_id = m.user_id
                    WHERE m.user_id = \(user) AND m.removed_at IS NULL AND m.deactivated_at IS NULL
                    AND s.token_hash = \(id)
                    """)
            case .apiToken(let lookupHash):
                try act.connection.row(
                    """
                    SELECT m.user_id FROM member m JOIN api_token t ON t.user_id = m.user_id
                    JOIN organization o ON o.id = m.organization_id AND o.legacy_api_tokens_enabled = 1
                    WHERE m.user_id = \(user) AND m.removed_at IS NULL AND m.deactivated_at IS NULL
                    AND t.lookup_hash = \(lookupHash)
                    """)
            case .accessToken(let refreshToken):
                try act.connection.row(
                    """
                    SELECT m.user_id FROM member m JOIN refresh_token t ON t.user_id = m.user_id
                    JOIN organization o ON o.id = m.organization_id AND o.api_tokens_enabled = 1
                    WHERE m.user_id = \(user) AND m.removed_at IS NULL AND m.deactivated_at IS NULL
                    AND t.jti = \(refreshToken) AND t.revoked_at IS NULL
                    """)
            }
        guard found != nil else { throw AccessEnded() }
    }
}

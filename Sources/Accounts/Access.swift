internal import Database

/// That somebody was let in, and by what: a session, or a token.
public struct Access: Sendable, Hashable {
    public let user: User.ID
    let proof: Requester.Proof
}

extension Requester {
    public var access: Access { Access(user: member.user.id, proof: proof) }
}

extension Access {
    /// Why somebody would be let in no more.
    public enum End: String, Sendable {
        case removed
        case deactivated
        /// Logged out, or ended from elsewhere: by a new password, or by an owner.
        case sessionEnded = "session-ended"
        case sessionExpired = "session-expired"
        /// Replaced, given back, or of a kind that the organization accepts no more.
        case tokenRevoked = "token-revoked"
    }
}

extension Accounts {
    /// Those who would not be let in any more, and why.
    public func ends(of accesses: [Access]) throws -> [(access: Access, end: Access.End)] {
        try database.read { connection in
            try accesses.compactMap { access in
                try end(of: access, connection).map { (access, $0) }
            }
        }
    }

    private func end(of access: Access, _ connection: any Connection) throws -> Access.End? {
        guard
            let member = try connection.row(
                """
                SELECT m.deactivated_at FROM member m
                WHERE m.user_id = \(access.user) AND m.removed_at IS NULL
                """)
        else { return .removed }
        guard try member.optionalInteger(0) == nil else { return .deactivated }
        switch access.proof {
        case .session(let id):
            return try sessionEnd(of: id, connection)
        case .apiToken(let lookupHash):
            let found = try connection.row(
                """
                SELECT t.user_id FROM api_token t
                JOIN member m ON m.user_id = t.user_id
                JOIN organization o ON o.id = m.organization_id AND o.legacy_api_tokens_enabled = 1
                WHERE t.lookup_hash = \(lookupHash) AND t.user_id = \(access.user)
                """)
            return found == nil ? .tokenRevoked : nil
        case .accessToken(let refreshToken):
            let found = try connection.row(
                """
                SELECT t.user_id FROM refresh_token t
                JOIN member m ON m.user_id = t.user_id
                JOIN organization o ON o.id = m.organization_id AND o.api_tokens_enabled = 1
                WHERE t.jti = \(refreshToken) AND t.user_id = \(access.user) AND t.revoked_at IS NULL
                """)
            return found == nil ? .tokenRevoked : nil
        }
    }

    private func sessionEnd(of id: [UInt8], _ connection: any Connection) throws -> Access.End? {
        let found = try connection.row(
            """
            SELECT s.created_at, s.last_seen_at, o.max_session_age_minutes, o.max_idle_minutes
            FROM session s
            JOIN member m ON m.user_id = s.user_id
            JOIN organization o ON o.id = m.organization_id
            WHERE s.token_hash = \(id)
            """)
        guard let found else { return .sessionEnded }
        let instant = now()
        let oldest = try Timestamp(microseconds: found.integer(0)) + found.integer(2) * 60
        let idlest = try Timestamp(microseconds: found.integer(1)) + found.integer(3) * 60
        return instant < oldest && instant < idlest ? nil : .sessionExpired
    }
}

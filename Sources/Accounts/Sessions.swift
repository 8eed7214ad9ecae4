internal import Database
internal import Secrets

/// A session that was just started: what the cookie needs.
public struct NewSession: Sendable {
    public let token: SecretToken
    /// Whether it outlives the browser ("keep me logged in").
    public let isPersistent: Bool
    public let policy: SessionPolicy
    public let userID: User.ID
}

/// Somebody who is logged in.
public struct Visitor: Sendable {
    public let member: Member
    /// The hash of the session's token: names the session without giving access.
    public let sessionID: [UInt8]
}

extension Accounts {
    /// Who this cookie belongs to; nil if nobody, or if the session has ended
    /// or expired.
    ///
    /// At most once a minute it also notes that the person was here.
    public func visitor(session token: SecretToken) throws -> Visitor? {
        let hash = token.hash
        let found = try database.read { connection in
            try connection.row(
                """
                SELECT u.id, u.email, u.username, u.first_name, u.last_name, u.phone, u.allow_newsletters,
                       u.password_provisioned_at, u.created_at, u.last_active_at, m.role, m.joined_at,
                       o.id, o.title, o.invite_nonce, o.max_session_age_minutes, o.max_idle_minutes,
                       s.created_at, s.last_seen_at
                FROM session s
                JOIN user_account u ON u.id = s.user_id
                JOIN member m ON m.user_id = u.id AND m.removed_at IS NULL
                JOIN organization o ON o.id = m.organization_id
                WHERE s.token_hash = \(hash)
                """)
        }
        guard let found else { return nil }
        let member = try Member(row: found)
        let startedAt = Timestamp(microseconds: try found.integer(17))
        let lastSeenAt = Timestamp(microseconds: try found.integer(18))
        let policy = member.organization.sessionPolicy
        let instant = now()
        guard instant < startedAt + policy.maximumAge * 60, instant < lastSeenAt + policy.maximumIdleTime * 60
        else { return nil }
        if instant - 60 >= lastSeenAt { try noteVisit(of: member.user.id, session: hash, at: instant) }
        return Visitor(member: member, sessionID: hash)
    }

    /// Ends a session: the cookie, copied or not, is worth nothing from now on.
    public func endSession(_ id: [UInt8]) throws {
        try database.write { connection in
            try connection.rows("DELETE FROM session WHERE token_hash = \(id)")
        }
    }

    func startSession(
        of user: User.ID, isPersistent: Bool, connection: any Connection
    ) throws -> NewSession {
        guard let organization = try connection.organization() else {
            throw DatabaseError(.other, "a session needs an organization")
        }
        let instant = now()
        let policy = organization.sessionPolicy
        let token = SecretToken(from: randomness)
        try connection.rows(
            """
            DELETE FROM session WHERE user_id = \(user)
            AND (created_at <= \(instant - policy.maximumAge * 60)
                 OR last_seen_at <= \(instant - policy.maximumIdleTime * 60))
            """)
        try connection.rows(
            """
            INSERT INTO session (token_hash, user_id, is_persistent, created_at, last_seen_at)
            VALUES (\(token.hash), \(user), \(isPersistent), \(instant), \(instant))
            """)
        try connection.rows("UPDATE user_account SET last_active_at = \(instant) WHERE id = \(user)")
        return NewSession(token: token, isPersistent: isPersistent, policy: policy, userID: user)
    }

    func endSessions(of user: User.ID, except kept: [UInt8], connection: any Connection) throws {
        try connection.rows("DELETE FROM session WHERE user_id = \(user) AND token_hash <> \(kept)")
    }

    func removeExpiredSessions() throws {
        try database.write { connection in
            guard let policy = try connection.organization()?.sessionPolicy else { return }
            let instant = now()
            try connection.rows(
                """
                DELETE FROM session
                WHERE created_at <= \(instant - policy.maximumAge * 60)
                OR last_seen_at <= \(instant - policy.maximumIdleTime * 60)
                """)
        }
    }

    private func noteVisit(of user: User.ID, session: [UInt8], at instant: Timestamp) throws {
        try database.write { connection in
            try connection.rows(
                """
                UPDATE session SET last_seen_at = \(instant)
                WHERE token_hash = \(session) AND last_seen_at < \(instant)
                """)
            try connection.rows("UPDATE user_account SET last_active_at = \(instant) WHERE id = \(user)")
        }
    }
}

extension NewSession {
    /// The same as `Visitor.sessionID`.
    public var id: [UInt8] { token.hash }
}

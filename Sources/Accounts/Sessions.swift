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

/// What a request finds: the organization, and who is asking.
public struct Standing: Sendable {
    /// Nil before the first account.
    public let organization: Organization?
    /// Nil if nobody is logged in.
    public let visitor: Visitor?
    /// Why it could not be noted that the visitor was here: the disk is full,
    /// or another program holds the database. No reason to refuse a page.
    public var noteFailure: (any Error)?
}

extension Accounts {
    /// The organization, and who this cookie belongs to: nobody, if the session
    /// has ended or expired. One query, for every page begins with it.
    ///
    /// At most once a minute it also notes that the person was here.
    ///
    /// - Parameter client: where the request comes from.
    public func standing(
        session token: SecretToken?, from client: @autoclosure () -> Client
    ) throws -> Standing {
        try standing(from: client) { _ in token?.hash }
    }

    /// The same for the cookie of another host of ours; see `SiteSession`.
    public func standing(
        siteSession token: SecretToken?, at host: String, from client: @autoclosure () -> Client
    ) throws -> Standing {
        try standing(from: client) { connection in
            guard let token else { return nil }
            return try session(ofSiteSession: token, at: host, connection)
        }
    }

    /// - Parameter session: the hash of the session's token; nil if there is none.
    private func standing(
        from client: () -> Client, _ session: (any Connection) throws -> [UInt8]?
    ) throws -> Standing {
        let (hash, found) = try database.read { connection in
            // No session has an empty hash.
            let hash = try session(connection) ?? []
            let found = try connection.row(
                """
                SELECT o.id, o.title, o.invite_nonce, o.max_session_age_minutes, o.max_idle_minutes,
                       s.created_at, s.last_seen_at, m.user_id,
                       u.id, u.email, u.username, u.first_name, u.last_name, u.phone, u.allow_newsletters,
                       u.password_provisioned_at, u.created_at, u.last_active_at, u.photo, m.role, m.joined_at,
                       m.deactivated_at
                FROM organization o
                LEFT JOIN session s ON s.token_hash = \(hash)
                LEFT JOIN member m ON m.user_id = s.user_id AND m.organization_id = o.id
                    AND m.removed_at IS NULL AND m.deactivated_at IS NULL
                LEFT JOIN user_account u ON u.id = m.user_id
                ORDER BY o.id LIMIT 1
                """)
            return (hash, found)
        }
        guard let found else { return Standing(organization: nil, visitor: nil) }
        let organization = try Organization(row: found)
        guard let (visitor, lastSeenAt) = try visitor(found, in: organization, session: hash) else {
            return Standing(organization: organization, visitor: nil)
        }
        var standing = Standing(organization: organization, visitor: visitor)
        let instant = now()
        if instant - 60 >= lastSeenAt {
            do {
                try noteVisit(of: visitor.member.user.id, session: hash, from: client(), at: instant)
            } catch {
                standing.noteFailure = error
            }
        }
        return standing
    }

    /// The second part of the row of `standing`; nil if there is no such
    /// session, no such member, or the session has expired.
    private func visitor(
        _ row: Row, in organization: Organization, session hash: [UInt8]
    ) throws -> (Visitor, lastSeenAt: Timestamp)? {
        guard let startedAt = try row.optionalInteger(5).map(Timestamp.init(microseconds:)),
            let lastSeenAt = try row.optionalInteger(6).map(Timestamp.init(microseconds:)),
            try row.optionalInteger(7) != nil
        else { return nil }
        let policy = organization.sessionPolicy
        let instant = now()
        guard instant < startedAt + policy.maximumAge * 60, instant < lastSeenAt + policy.maximumIdleTime * 60
        else { return nil }
        let member = try Member(row: row, startingAt: 8, in: organization)
        return (Visitor(member: member, sessionID: hash), lastSeenAt)
    }

    /// Ends a session: the cookie, copied or not, is worth nothing from now on.
    public func logOut(_ visitor: Visitor, from client: Client) throws {
        try act(from: client) { act in
            let ended = try act.connection.row(
                "DELETE FROM session WHERE token_hash = \(visitor.sessionID) RETURNING user_id")
            if ended != nil { try act.record(.loggedOut, by: visitor.member.user.id) }
        }
    }

    func startSession(of user: User.ID, isPersistent: Bool, in act: Act) throws -> NewSession {
        let connection = act.connection
        guard let organization = try connection.organization() else {
            throw DatabaseError(.other, "a session needs an organization")
        }
        let instant = act.instant
        let policy = organization.sessionPolicy
        let token = SecretToken(from: randomness)
        try connection.rows(
            """
            DELETE FROM session WHERE user_id = \(user)
            AND (created_at <= \(instant - policy.maximumAge * 60)
                 OR last_seen_at <= \(instant - policy.maximumIdleTime * 60))
            """)
        // Nobody uses more; whoever logs in again and again must not fill the disk.
        try connection.rows(
            """
            DELETE FROM session WHERE user_id = \(user) AND token_hash NOT IN
            (SELECT token_hash FROM session WHERE user_id = \(user)
             ORDER BY last_seen_at DESC LIMIT \(Self.sessionLimit - 1))
            """)
        try connection.rows(
            """
            INSERT INTO session
            (token_hash, user_id, is_persistent, created_at, last_seen_at, client_address, user_agent)
            VALUES (\(token.hash), \(user), \(isPersistent), \(instant), \(instant),
                    \(act.client.address), \(act.client.userAgent))
            """)
        try connection.rows("UPDATE user_account SET last_active_at = \(instant) WHERE id = \(user)")
        return NewSession(token: token, isPersistent: isPersistent, policy: policy, userID: user)
    }

    /// Sessions of one person; the one that was used longest ago ends.
    static let sessionLimit: Int64 = 100

    func endSessions(of user: User.ID, connection: any Connection) throws {
        try connection.rows("DELETE FROM session WHERE user_id = \(user)")
    }

    func isPersistent(_ session: [UInt8], connection: any Connection) throws -> Bool {
        try connection.row("SELECT is_persistent FROM session WHERE token_hash = \(session)")?.integer(0) == 1
    }

    func removeExpiredSessions(_ connection: any Connection) throws {
        guard let policy = try connection.organization()?.sessionPolicy else { return }
        let instant = now()
        try connection.rows(
            """
            DELETE FROM session
            WHERE created_at <= \(instant - policy.maximumAge * 60)
            OR last_seen_at <= \(instant - policy.maximumIdleTime * 60)
            """)
    }

    /// No visitor waits for it: while others write, it is left to his next visit.
    private func noteVisit(
        of user: User.ID, session: [UInt8], from client: Client, at instant: Timestamp
    ) throws {
        _ = try database.writeIfFree { connection in
            try connection.rows(
                """
                UPDATE session SET last_seen_at = \(instant), client_address = \(client.address)
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

internal import Database

/// One place where somebody is logged in.
public struct SessionSummary: Sendable {
    /// See `Visitor.sessionID`.
    public let id: [UInt8]
    public let userAgent: String
    /// Where the last request came from; see `Client.address`.
    public let clientAddress: String
    public let startedAt: Timestamp
    public let lastSeenAt: Timestamp
}

extension Accounts {
    /// Where a person is logged in: the last used first.
    public func sessions(of user: User.ID) throws -> [SessionSummary] {
        try database.read { connection in
            guard let policy = try connection.organization()?.sessionPolicy else { return [] }
            let instant = now()
            return try connection.rows(
                """
                SELECT token_hash, user_agent, client_address, created_at, last_seen_at FROM session
                WHERE user_id = \(user) AND created_at > \(instant - policy.maximumAge * 60)
                AND last_seen_at > \(instant - policy.maximumIdleTime * 60)
                ORDER BY last_seen_at DESC, token_hash LIMIT \(Self.sessionLimit)
                """
            ).map {
                SessionSummary(
                    id: try $0.bytes(0), userAgent: try $0.text(1), clientAddress: try $0.text(2),
                    startedAt: Timestamp(microseconds: try $0.integer(3)),
                    lastSeenAt: Timestamp(microseconds: try $0.integer(4)))
            }
        }
    }

    /// How many sessions there are that have not expired.
    public func countSessions() throws -> Int {
        try database.read { connection in
            guard let policy = try connection.organization()?.sessionPolicy else { return 0 }
            let instant = now()
            let row = try connection.row(
                """
                SELECT count(*) FROM session WHERE created_at > \(instant - policy.maximumAge * 60)
                AND last_seen_at > \(instant - policy.maximumIdleTime * 60)
                """)
            return try Int(row?.integer(0) ?? 0)
        }
    }

    /// Ends one of one's own sessions.
    ///
    /// - Returns: false if there is no such session (any more).
    public func endSession(_ id: [UInt8], of visitor: Visitor, from client: Client) throws -> Bool {
        let user = visitor.member.user.id
        return try act(by: .requester(visitor.requester), from: client) { act in
            let ended = try act.connection.row(
                "DELETE FROM session WHERE token_hash = \(id) AND user_id = \(user) RETURNING user_id")
            if ended != nil { try act.record(.sessionEnded, by: user) }
            return ended != nil
        }
    }

    /// Ends all sessions of the visitor but the one that asks.
    public func endOtherSessions(of visitor: Visitor, from client: Client) throws {
        let user = visitor.member.user.id
        try act(by: .requester(visitor.requester), from: client) { act in
            try act.connection.rows(
                "DELETE FROM session WHERE user_id = \(user) AND token_hash <> \(visitor.sessionID)")
            try act.record(.sessionsEnded, by: user)
        }
    }

    /// Ends the sessions of everybody but the one that asks.
    ///
    /// - Throws: `MembershipRefusal.notOwner` or `DatabaseError`.
    public func endEverybodysSessions(by authority: Authority, from client: Client) throws {
        try act(by: authority, from: client) { act in
            if case .requester(let requester) = authority {
                let member = requester.member
                try checkOwner(member.user.id, of: member.organization.id, in: act)
            }
            // No session has an empty hash.
            try act.connection.rows("DELETE FROM session WHERE token_hash <> \(authority.session ?? [])")
            try act.record(.sessionsEnded, by: authority.user, detail: "everybody")
        }
    }

    /// Ends all sessions of another person.
    ///
    /// - Throws: `MembershipRefusal` or `DatabaseError`.
    public func endSessions(of user: User.ID, by authority: Authority, from client: Client) throws {
        try change(user, by: authority, from: client) { act, _ in
            try endSessions(of: user, connection: act.connection)
            try act.record(.sessionsEnded, by: authority.user, on: user)
        }
    }
}

internal import Database

/// How it is known which account a person has in the Label Studio behind the gate.
public enum PairOrigin: String, Sendable, CaseIterable {
    /// He came from its database, with his password.
    case imported
    /// The account was made there for him.
    case provisioned
    /// An owner said so.
    case confirmed
    /// He has shown the password that he has there.
    case password
}

/// Somebody, and who he is in the Label Studio behind the gate.
public struct UpstreamStanding: Sendable, Equatable {
    public enum State: Sendable, Equatable {
        case paired(Int64, PairOrigin, since: Timestamp)
        /// His address has an account there that somebody has to confirm.
        case toBeConfirmed(since: Timestamp)
        /// An account is being made there for him, or that was interrupted.
        case begun(since: Timestamp)
        /// He gets an account there when he comes for the first time.
        case new
    }

    public let email: EmailAddress
    public let state: State
}

extension Accounts {
    /// Why two accounts are not paired, or not separated.
    public enum PairRefusal: Error, Sendable, Equatable {
        case noUpstream
        /// Whoever asks is no owner (any more).
        case notOwner
        /// The person is no member (any more), or is deactivated.
        case notMember
        /// The person is somebody else there.
        case pairedWith(Int64)
        /// Somebody else is that one there.
        case taken(by: EmailAddress)
        case notPaired
    }

    /// Nil: there is no such account.
    public func upstreamStanding(of user: User.ID) throws -> UpstreamStanding? {
        try database.read { connection in
            let source = try connection.upstream()?.source
            return try connection.row(
                """
                SELECT u.email, p.upstream_user, p.origin, p.paired_at, c.claimed_at, c.taken_at
                FROM user_account u
                LEFT JOIN upstream_pair p ON p.user_id = u.id AND p.source = \(source)
                LEFT JOIN upstream_claim c ON c.user_id = u.id
                WHERE u.id = \(user)
                """
            ).map { try UpstreamStanding(row: $0) }
        }
    }

    /// Everybody who may enter, and whoever has entered: in the order of numbers.
    public func upstreamStandings() throws -> [UpstreamStanding] {
        try database.read { connection in
            let source = try connection.upstream()?.source
            return try connection.rows(
                """
                SELECT u.email, p.upstream_user, p.origin, p.paired_at, c.claimed_at, c.taken_at
                FROM user_account u
                JOIN member m ON m.user_id = u.id
                LEFT JOIN upstream_pair p ON p.user_id = u.id AND p.source = \(source)
                LEFT JOIN upstream_claim c ON c.user_id = u.id
                WHERE m.removed_at IS NULL OR p.user_id IS NOT NULL
                ORDER BY u.id
                """
            ).map { try UpstreamStanding(row: $0) }
        }
    }

    /// Who a person is there; nil: nobody, as far as is known.
    ///
    /// - Parameter address: where the Label Studio is; at another one, he is nobody.
    public func upstreamUser(of user: User.ID, at address: String? = nil) throws -> Int64? {
        try database.read { connection in
            guard let upstream = try connection.upstream(), upstream.address == address ?? upstream.address
            else { return nil }
            return try connection.pair(of: user, at: upstream.source)
        }
    }

    /// Who these numbers are here, by the database that they are of: pairs of people
    /// who came by an import, or were here when another upstream was.
    public func knownPairs(of user: User.ID) throws -> [(source: Timestamp, upstreamUser: Int64)] {
        try database.read { connection in
            try connection.rows(
                "SELECT source, upstream_user FROM upstream_pair WHERE user_id = \(user) ORDER BY source"
            ).map { (Timestamp(microseconds: try $0.integer(0)), try $0.integer(1)) }
        }
    }

    /// Pairs a person with an account there because an owner, or whoever runs the
    /// server, says that it is his.
    ///
    /// - Throws: `PairRefusal`, `AccessEnded` or `DatabaseError`.
    public func confirmPair(
        of user: User.ID, with upstreamUser: Int64, by authority: Authority, from client: Client
    ) throws {
        try act(by: authority, from: client) { act in
            try checkMayPair(authority, in: act)
            guard let upstream = try act.connection.upstream() else { throw PairRefusal.noUpstream }
            try pair(user, with: upstreamUser, .confirmed, at: upstream.source, by: authority.user, in: &act)
            try act.connection.rows("DELETE FROM upstream_claim WHERE user_id = \(user)")
        }
    }

    /// Forgets who a person is there, or that he may be somebody. His account there
    /// stays.
    ///
    /// - Throws: `PairRefusal`, `AccessEnded` or `DatabaseError`.
    public func separate(_ user: User.ID, by authority: Authority, from client: Client) throws {
        try act(by: authority, from: client) { act in
            try checkMayPair(authority, in: act)
            guard let upstream = try act.connection.upstream() else { throw PairRefusal.noUpstream }
            let removed = try act.connection.row(
                """
                DELETE FROM upstream_pair WHERE source = \(upstream.source) AND user_id = \(user)
                RETURNING upstream_user
                """)
            let unconfirmed = try act.connection.row(
                "DELETE FROM upstream_claim WHERE user_id = \(user) AND taken_at IS NOT NULL RETURNING user_id"
            )
            if let removed {
                try act.record(
                    .upstreamUnpaired, by: authority.user, on: user, detail: "\(try removed.integer(0))")
            } else if unconfirmed == nil {
                throw PairRefusal.notPaired
            }
        }
    }

    /// Pairs a person with an account there of which he has shown the password.
    ///
    /// - Throws: `PairRefusal` or `DatabaseError`.
    public func pair(_ user: User.ID, withOwn upstreamUser: Int64, from client: Client) throws {
        try act(from: client) { act in
            guard let upstream = try act.connection.upstream() else { throw PairRefusal.noUpstream }
            try pair(user, with: upstreamUser, .password, at: upstream.source, by: user, in: &act)
            try act.connection.rows("DELETE FROM upstream_claim WHERE user_id = \(user)")
        }
    }

    /// Pairs two accounts; if they are so already, nothing changes.
    func pair(
        _ user: User.ID, with upstreamUser: Int64, _ origin: PairOrigin, at source: Timestamp,
        by actor: User.ID? = nil, in act: inout Act
    ) throws {
        let inserted = try act.connection.row(
            """
            INSERT INTO upstream_pair (source, user_id, upstream_user, origin, paired_at)
            SELECT \(source), m.user_id, \(upstreamUser), \(origin.rawValue), \(act.instant) FROM member m
            WHERE m.user_id = \(user) AND m.removed_at IS NULL AND m.deactivated_at IS NULL
            ON CONFLICT DO NOTHING
            RETURNING user_id
            """)
        if inserted != nil {
            return try act.record(
                .upstreamPaired, by: actor, on: user, detail: "\(origin.rawValue) \(upstreamUser)")
        }
        if let other = try act.connection.pair(of: user, at: source) {
            guard other == upstreamUser else { throw PairRefusal.pairedWith(other) }
            return
        }
        let holder = try act.connection.row(
            """
            SELECT u.email FROM upstream_pair p JOIN user_account u ON u.id = p.user_id
            WHERE p.source = \(source) AND p.upstream_user = \(upstreamUser)
            """)
        guard let holder else { throw PairRefusal.notMember }
        throw PairRefusal.taken(by: EmailAddress(stored: try holder.text(0)))
    }

    private func checkMayPair(_ authority: Authority, in act: Act) throws {
        guard let user = authority.user else { return }
        guard try act.connection.isOwner(user) else { throw PairRefusal.notOwner }
    }
}

extension Connection {
    func isOwner(_ user: User.ID) throws(DatabaseError) -> Bool {
        let owner = try row(
            """
            SELECT user_id FROM member WHERE user_id = \(user) AND role = 'owner'
            AND removed_at IS NULL AND deactivated_at IS NULL
            """)
        return owner != nil
    }

    func pair(of user: User.ID, at source: Timestamp) throws(DatabaseError) -> Int64? {
        try row("SELECT upstream_user FROM upstream_pair WHERE source = \(source) AND user_id = \(user)")?
            .integer(0)
    }
}

extension UpstreamStanding {
    init(row: Row) throws(DatabaseError) {
        email = EmailAddress(stored: try row.text(0))
        let claimedAt = try row.optionalInteger(4).map(Timestamp.init(microseconds:))
        let takenAt = try row.optionalInteger(5).map(Timestamp.init(microseconds:))
        if let user = try row.optionalInteger(1) {
            let name = try row.text(2)
            guard let origin = PairOrigin(rawValue: name) else {
                throw DatabaseError(.corrupt, "a pair has an unknown origin: \(name)")
            }
            state = .paired(user, origin, since: Timestamp(microseconds: try row.integer(3)))
        } else if let takenAt {
            state = .toBeConfirmed(since: takenAt)
        } else if let claimedAt {
            state = .begun(since: claimedAt)
        } else {
            state = .new
        }
    }
}

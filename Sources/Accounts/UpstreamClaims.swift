internal import Database
internal import Secrets

/// The right to make an account for a person in the Label Studio behind the gate.
/// One at a time has it.
public struct UpstreamClaim: Sendable {
    public let user: User.ID
    /// The address that the account gets. It stays as it is there when the person
    /// changes his here.
    public let email: EmailAddress
    /// What the account gets as its password. Nobody is told; it is the same for
    /// whoever takes over the claim, and proves that the account was made by it.
    public let password: String

    /// Bytes.
    static let nonceLength = 16
    /// Seconds after which another one may take it over: longer than all requests of
    /// it can take.
    static let lifetime: Int64 = 120
}

/// What becomes of somebody who wants to enter the Label Studio behind the gate.
public enum UpstreamEntry: Sendable {
    /// He is this one there.
    case paired(Int64)
    /// Whoever has asked makes his account there now.
    case claimed(UpstreamClaim)
    /// Somebody else is making it.
    case busy
    /// His address has an account there that somebody has to confirm.
    case toBeConfirmed
}

extension Accounts {
    /// - Throws: `PairRefusal.noUpstream`, `.notMember` or `DatabaseError`.
    public func enterUpstream(_ user: User.ID, from client: Client) throws -> UpstreamEntry {
        try act(from: client) { act in
            guard let upstream = try act.connection.upstream() else { throw PairRefusal.noUpstream }
            if let other = try act.connection.pair(of: user, at: upstream.source) { return .paired(other) }
            return try claim(user, in: act)
        }
    }

    /// For somebody who enters a Label Studio that is being added.
    ///
    /// - Throws: `PairRefusal.notMember` or `DatabaseError`.
    public func claimUpstream(_ user: User.ID, from client: Client) throws -> UpstreamEntry {
        try act(from: client) { try claim(user, in: $0) }
    }

    /// One that is too old was left by somebody who could not end it. It is taken
    /// over as it is; if the person has another address since, it begins anew.
    private func claim(_ user: User.ID, in act: Act) throws -> UpstreamEntry {
        let nonce = randomness.bytes(UpstreamClaim.nonceLength)
        let row = try act.connection.row(
            """
            INSERT INTO upstream_claim (user_id, email, nonce, claimed_at)
            SELECT u.id, u.email, \(nonce), \(act.instant) FROM user_account u
            WHERE u.id = \(user) AND EXISTS (SELECT 1 FROM member m WHERE m.user_id = u.id
                AND m.removed_at IS NULL AND m.deactivated_at IS NULL)
            ON CONFLICT (user_id) DO UPDATE SET
                claimed_at = excluded.claimed_at, email = excluded.email, taken_at = NULL,
                nonce = CASE WHEN upstream_claim.email = excluded.email
                    THEN upstream_claim.nonce ELSE excluded.nonce END
            WHERE CASE WHEN upstream_claim.taken_at IS NULL
                THEN upstream_claim.claimed_at <= \(act.instant - UpstreamClaim.lifetime)
                ELSE upstream_claim.email <> excluded.email END
            RETURNING email, nonce
            """)
        if let row {
            return .claimed(
                UpstreamClaim(
                    user: user, email: EmailAddress(stored: try row.text(0)),
                    password: password(for: user, nonce: try row.bytes(1))))
        }
        let present = try act.connection.row("SELECT taken_at FROM upstream_claim WHERE user_id = \(user)")
        guard let present else { throw PairRefusal.notMember }
        return try present.optionalInteger(0) == nil ? .busy : .toBeConfirmed
    }

    private func password(for user: User.ID, nonce: [UInt8]) -> String {
        Encoding.base64URL(keys.upstreamPassword.hash(nonce + Array("\(user.number)".utf8)))
    }

    /// The account was made: who the person is there.
    ///
    /// - Throws: `PairRefusal` or `DatabaseError`.
    public func settle(_ claim: UpstreamClaim, as upstreamUser: Int64, from client: Client) throws {
        try act(from: client) { act in
            guard let upstream = try act.connection.upstream() else { throw PairRefusal.noUpstream }
            try settle(claim, as: upstreamUser, at: upstream.source, in: &act)
        }
    }

    func settle(
        _ claim: UpstreamClaim, as upstreamUser: Int64, at source: Timestamp, in act: inout Act
    ) throws {
        try pair(claim.user, with: upstreamUser, .provisioned, at: source, in: &act)
        try act.connection.rows("DELETE FROM upstream_claim WHERE user_id = \(claim.user)")
    }

    /// The address has an account there that was not made by this claim.
    public func holdForConfirmation(_ claim: UpstreamClaim) throws {
        try database.write { connection in
            try connection.rows(
                """
                UPDATE upstream_claim SET taken_at = \(now())
                WHERE user_id = \(claim.user) AND email = \(claim.email)
                """)
        }
    }

    /// It did not work now: whoever comes next may try again, at once. What may have
    /// been made there is recognised then.
    public func release(_ claim: UpstreamClaim) throws {
        try database.write { connection in
            try connection.rows(
                "UPDATE upstream_claim SET claimed_at = 0 WHERE user_id = \(claim.user) AND taken_at IS NULL")
        }
    }

    /// Nothing was made there, and nothing is to be remembered of it.
    public func drop(_ claim: UpstreamClaim) throws {
        try database.write { connection in
            try connection.rows("DELETE FROM upstream_claim WHERE user_id = \(claim.user)")
        }
    }
}

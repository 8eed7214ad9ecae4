internal import Database
internal import Secrets

extension Accounts {
    /// How long a set-password link works, in seconds.
    public static let setPasswordLinkLifetime: Int64 = 24 * 3600

    /// The link was used, is too old, was replaced by another, or never was one.
    public struct LinkRefused: Error {}

    /// Makes a link by which a member sets a new password, once. An owner can
    /// start a recovery, and never choose the password (ASVS 5.0, 6.4.6). The
    /// database holds the token's hash only; an earlier link of the member ends.
    ///
    /// - Throws: `MembershipRefusal` or `DatabaseError`.
    public func makeSetPasswordLink(
        for user: User.ID, by authority: Authority, from client: Client
    ) throws -> SecretToken {
        let token = SecretToken(from: randomness)
        try change(user, by: authority, from: client) { act, organization in
            let made = try act.connection.row(
                """
                INSERT INTO set_password_link (user_id, token_hash, made_by, created_at, expires_at)
                SELECT m.user_id, \(token.hash), \(authority.user), \(act.instant),
                       \(act.instant + Self.setPasswordLinkLifetime)
                FROM member m
                WHERE m.organization_id = \(organization) AND m.user_id = \(user)
                AND m.removed_at IS NULL AND m.deactivated_at IS NULL
                ON CONFLICT (user_id) DO UPDATE
                SET token_hash = excluded.token_hash, made_by = excluded.made_by,
                    created_at = excluded.created_at, expires_at = excluded.expires_at
                RETURNING user_id
                """)
            guard made != nil else { throw MembershipRefusal.notPossible }
            try act.record(.passwordLinkMade, by: authority.user, on: user)
        }
        return token
    }

    /// The first link of an account that is made in this act.
    func insertLink(_ token: SecretToken, for user: User.ID, madeBy: User.ID?, in act: Act) throws {
        try act.connection.rows(
            """
            INSERT INTO set_password_link (user_id, token_hash, made_by, created_at, expires_at)
            VALUES (\(user), \(token.hash), \(madeBy), \(act.instant),
                    \(act.instant + Self.setPasswordLinkLifetime))
            """)
    }

    /// Whose link it is. Looking at it uses nothing up.
    ///
    /// - Throws: `LinkRefused` or `DatabaseError`.
    public func holder(ofSetPasswordLink token: SecretToken) throws -> Member {
        let email = try database.read { connection in
            try connection.row(
                """
                SELECT u.email FROM set_password_link l JOIN user_account u ON u.id = l.user_id
                WHERE l.token_hash = \(token.hash) AND l.expires_at > \(now())
                """
            ).map { EmailAddress(stored: try $0.text(0)) }
        }
        guard let email, let member = try member(email: email), member.deactivatedAt == nil else {
            throw LinkRefused()
        }
        return member
    }

    /// Uses a link up: sets the password, ends all sessions of the account and
    /// replaces its API token; personal access tokens end. Nobody is logged in by it (OWASP, Forgot Password).
    ///
    /// - Throws: `LinkRefused`, `PasswordHasher.OutOfMemory` or `DatabaseError`.
    public func setPassword(by token: SecretToken, to new: Password, from client: Client) throws {
        // Before the slow hash.
        _ = try holder(ofSetPasswordLink: token)
        let hash = try passwords.hash(new.text)
        try act(from: client) { act in
            let used = try act.connection.row(
                """
                DELETE FROM set_password_link WHERE token_hash = \(token.hash) AND expires_at > \(act.instant)
                RETURNING user_id
                """)
            guard let used else { throw LinkRefused() }
            let user = User.ID(try used.integer(0))
            let changed = try act.connection.row(
                """
                UPDATE user_account SET password_hash = \(hash), password_set_at = \(act.instant), password_provisioned_at = NULL
                WHERE id = \(user)
                AND EXISTS (SELECT 1 FROM member m WHERE m.user_id = user_account.id
                            AND m.removed_at IS NULL AND m.deactivated_at IS NULL)
                RETURNING id
                """)
            guard changed != nil else { throw LinkRefused() }
            try endSessions(of: user, connection: act.connection)
            try storeAPIToken(newAPIToken(), of: user, connection: act.connection)
            try removeRefreshTokens(of: user, act.connection)
            try act.record(.passwordSet, by: user)
        }
    }

    func removeLink(of user: User.ID, _ connection: any Connection) throws {
        try connection.rows("DELETE FROM set_password_link WHERE user_id = \(user)")
    }

    /// Who may no longer make links must not keep those that he made.
    func removeLinks(madeBy user: User.ID, _ connection: any Connection) throws {
        try connection.rows("DELETE FROM set_password_link WHERE made_by = \(user)")
    }

    func removeExpiredLinks(_ connection: any Connection) throws {
        try connection.rows("DELETE FROM set_password_link WHERE expires_at <= \(now())")
    }
}

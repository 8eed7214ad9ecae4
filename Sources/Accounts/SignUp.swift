internal import Database
internal import Secrets

extension Accounts {
    /// The address has an account already.
    public struct EmailTaken: Error {}

    /// Makes an account, puts it into the organization (which the first account
    /// creates and owns) and logs it in.
    ///
    /// The link is checked in the transaction that makes the account: after a
    /// reset nobody gets in with the old one, whenever the page was opened.
    ///
    /// - Throws: `Admission.Refusal`, `EmailTaken`, `PasswordHasher.OutOfMemory`
    ///   or `DatabaseError`.
    public func signUp(
        email: EmailAddress, password: Password, token: String?, allowsNewsletters: Bool?,
        from client: Client
    ) throws -> NewSession {
        // Before the slow hash: most of those who must not enter end here.
        _ = try admission(token: token)
        let hash = try passwords.hash(password.text)
        return try act(from: client) { act in
            let connection = act.connection
            let admission = try admission(token: token, connection: connection)
            let user = try insertUser(
                NewUser(
                    email: email, passwordHash: hash, isProvisioned: false,
                    allowsNewsletters: allowsNewsletters),
                connection: connection)
            switch admission {
            case .first: try createOrganization(ownedBy: user, connection: connection)
            case .invited(let organization):
                try countJoin(to: organization, in: act)
                try insertMember(user, role: .member, in: organization.id, connection: connection)
            case .open(let organization):
                try insertMember(user, role: .member, in: organization.id, connection: connection)
            }
            try storeAPIToken(try newAPIToken(), of: user, connection: connection)
            try act.record(.signedUp, by: user, detail: admission.way)
            return try startSession(of: user, isPersistent: true, in: act)
        }
    }

    struct NewUser {
        let email: EmailAddress
        let passwordHash: String
        let isProvisioned: Bool
        let allowsNewsletters: Bool?
    }

    func insertUser(_ new: NewUser, connection: any Connection) throws -> User.ID {
        let instant = now()
        let username = String(new.email.text.prefix { $0 != "@" })
        let provisionedAt = new.isProvisioned ? instant : nil
        let inserted = try connection.row(
            """
            INSERT INTO user_account
            (email, username, allow_newsletters, password_hash, password_set_at, password_provisioned_at, created_at,
             last_active_at)
            VALUES (\(new.email), \(username), \(new.allowsNewsletters), \(new.passwordHash), \(instant), \(provisionedAt),
                    \(instant), \(instant))
            ON CONFLICT (email) DO NOTHING
            RETURNING id
            """)
        guard let inserted else { throw EmailTaken() }
        let user = User.ID(try inserted.integer(0))
        try connection.foldName(of: user)
        return user
    }

    func insertMember(
        _ user: User.ID, role: Member.Role, in organization: Int64, connection: any Connection
    ) throws {
        try connection.rows(
            """
            INSERT INTO member (organization_id, user_id, role, joined_at)
            VALUES (\(organization), \(user), \(role.rawValue), \(now()))
            """)
    }

    func createOrganization(ownedBy user: User.ID, connection: any Connection) throws {
        let instant = now()
        let nonce = randomness.bytes(Organization.nonceLength)
        let policy = SessionPolicy.standard
        try connection.rows(
            """
            INSERT INTO organization
            (id, title, invite_nonce, max_session_age_minutes, max_idle_minutes, created_at, updated_at)
            VALUES (\(Organization.firstID), \(Organization.defaultTitle), \(nonce), \(policy.maximumAge),
                    \(policy.maximumIdleTime), \(instant), \(instant))
            """)
        try insertMember(user, role: .owner, in: Organization.firstID, connection: connection)
        // The one-time link for the first account has done its work.
        try connection.rows("UPDATE installation SET setup_used_at = \(instant) WHERE id = 1")
    }
}

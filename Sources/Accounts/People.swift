internal import Database

extension Accounts {
    public func memberCount(of organization: Organization) throws -> Int {
        try database.read { connection in
            let row = try connection.row(
                """
                SELECT count(*) FROM member
                WHERE organization_id = \(organization.id) AND removed_at IS NULL
                """)
            return Int(try row?.integer(0) ?? 0)
        }
    }

    /// The member with this address.
    public func member(email: EmailAddress) throws -> Member? {
        try database.read { connection in
            try connection.row(
                """
                SELECT u.id, u.email, u.username, u.first_name, u.last_name, u.phone, u.allow_newsletters,
                       u.password_provisioned_at, u.created_at, u.last_active_at, u.photo, m.role, m.joined_at,
                       m.deactivated_at,
                       o.id, o.title, o.invite_nonce, o.max_session_age_minutes, o.max_idle_minutes
                FROM user_account u
                JOIN member m ON m.user_id = u.id AND m.removed_at IS NULL
                JOIN organization o ON o.id = m.organization_id
                WHERE u.email = \(email)
                """
            ).map { try Member(row: $0) }
        }
    }

    /// Whose address this is, member or not.
    public func userID(email: EmailAddress) throws -> User.ID? {
        try database.read { connection in
            try connection.row("SELECT id FROM user_account WHERE email = \(email)").map {
                User.ID(try $0.integer(0))
            }
        }
    }

    /// Nil: there is no such account.
    public func emailAddress(of user: User.ID) throws -> EmailAddress? {
        try database.read { connection in
            try connection.row("SELECT email FROM user_account WHERE id = \(user)").map {
                EmailAddress(stored: try $0.text(0))
            }
        }
    }

    /// What somebody wrote about himself; nil: there is no such account.
    public func profile(of user: User.ID) throws -> User.Profile? {
        try database.read { connection in
            try connection.row(
                """
                SELECT first_name, last_name, phone, allow_newsletters FROM user_account WHERE id = \(user)
                """
            ).map {
                User.Profile(
                    firstName: try $0.text(0), lastName: try $0.text(1), phone: try $0.text(2),
                    allowsNewsletters: try $0.optionalInteger(3).map { $0 != 0 })
            }
        }
    }

    /// The owner of the organization.
    public func owner(of organization: Organization) throws -> EmailAddress? {
        try database.read { connection in
            try connection.row(
                """
                SELECT u.email FROM member m JOIN user_account u ON u.id = m.user_id
                WHERE m.organization_id = \(organization.id) AND m.role = 'owner'
                AND m.removed_at IS NULL AND m.deactivated_at IS NULL
                ORDER BY u.id LIMIT 1
                """
            ).map { EmailAddress(stored: try $0.text(0)) }
        }
    }

    public func isOwner(_ user: User.ID) throws -> Bool {
        try database.read { try $0.isOwner(user) }
    }

    /// Sets what a person wrote about himself.
    public func update(
        _ profile: User.Profile, of requester: Requester, from client: Client
    ) throws {
        let user = requester.member.user.id
        _ = try act(by: .requester(requester), from: client) { act in
            try act.connection.rows(
                """
                UPDATE user_account SET first_name = \(profile.firstName), last_name = \(profile.lastName),
                phone = \(profile.phone), allow_newsletters = \(profile.allowsNewsletters)
                WHERE id = \(user)
                """)
            try act.connection.foldName(of: user)
        }
    }
}

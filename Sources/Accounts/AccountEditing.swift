internal import Database
internal import Secrets

/// What can be changed of an account by those who may. Nil: as it is.
public struct AccountChanges: Sendable {
    public var username: String?
    public var firstName: String?
    public var lastName: String?
    public var phone: String?
    /// The inner nil: never asked.
    public var allowsNewsletters: Bool??
    /// A JSON object.
    public var hotkeys: String?
    /// When the person joined, as clients may set it.
    public var createdAt: Timestamp?

    public init() {}
}

extension Accounts {
    /// Changes one's own account, or, for owners, another's.
    ///
    /// - Returns: the person as he is then; nil if there is none.
    /// - Throws: `MembershipRefusal.notOwner` or `DatabaseError`.
    public func edit(
        _ user: User.ID, _ changes: AccountChanges, by requester: Requester, from client: Client
    ) throws -> Person? {
        let organization = requester.member.organization
        let editor = requester.member.user.id
        try act(by: .requester(requester), from: client) { act in
            if user != editor { try checkOwner(editor, of: organization.id, in: act) }
            let isThere = try apply(changes, to: user, act.connection)
            if isThere, user != editor { try act.record(.profileChanged, by: editor, on: user) }
        }
        return try person(user, in: organization)
    }

    /// Makes an account for somebody else: a member without a password, which
    /// he sets by the link that comes back.
    ///
    /// - Throws: `EmailTaken`, `MembershipRefusal.notOwner` or `DatabaseError`.
    public func createAccount(
        email: EmailAddress, _ details: AccountChanges, by requester: Requester, from client: Client
    ) throws -> (user: User.ID, link: SecretToken) {
        let organization = requester.member.organization.id
        let owner = requester.member.user.id
        let link = SecretToken(from: randomness)
        let user = try act(by: .requester(requester), from: client) { act in
            try checkOwner(owner, of: organization, in: act)
            let user = try insertUser(
                NewUser(
                    email: email, passwordHash: Self.noPassword, isProvisioned: false,
                    allowsNewsletters: details.allowsNewsletters ?? nil),
                connection: act.connection)
            _ = try apply(details, to: user, act.connection)
            try insertMember(user, role: .member, in: organization, connection: act.connection)
            try storeAPIToken(newAPIToken(), of: user, connection: act.connection)
            try insertLink(link, for: user, madeBy: owner, in: act)
            try act.record(.accountMade, by: owner, on: user, detail: "api")
            try act.record(.passwordLinkMade, by: owner, on: user)
            return user
        }
        return (user, link)
    }

    /// - Returns: false if there is no such user.
    private func apply(
        _ changes: AccountChanges, to user: User.ID, _ connection: any Connection
    ) throws -> Bool {
        let changed = try connection.row(
            """
            UPDATE user_account
            SET username = COALESCE(\(changes.username), username),
                first_name = COALESCE(\(changes.firstName), first_name),
                last_name = COALESCE(\(changes.lastName), last_name),
                phone = COALESCE(\(changes.phone), phone),
                custom_hotkeys = COALESCE(\(changes.hotkeys), custom_hotkeys),
                created_at = COALESCE(\(changes.createdAt), created_at)
            WHERE id = \(user)
            RETURNING id
            """)
        try connection.foldName(of: user)
        if let allowsNewsletters = changes.allowsNewsletters {
            try connection.rows(
                "UPDATE user_account SET allow_newsletters = \(allowsNewsletters) WHERE id = \(user)")
        }
        return changed != nil
    }

    /// In place of a hash: no password matches it.
    static let noPassword = "!"

    /// Deletes the account of another person for good. Projects stay, without
    /// an author; the invite link is replaced, for he knows it.
    ///
    /// - Throws: `MembershipRefusal` or `DatabaseError`.
    public func deleteAccount(of user: User.ID, by requester: Requester, from client: Client) throws {
        let owner = requester.member.user.id
        try change(user, by: .requester(requester), from: client) { act, organization in
            let role = try act.connection.row(
                """
                SELECT role, removed_at FROM member
                WHERE organization_id = \(organization) AND user_id = \(user)
                """)
            guard let role else { throw MembershipRefusal.notPossible }
            let isOwner = try role.text(0) == Member.Role.owner.rawValue
            guard try !isOwner || role.optionalInteger(1) != nil else { throw MembershipRefusal.owner }
            try act.record(.accountDeleted, by: owner, on: user)
            try replaceInvitation(to: organization, by: owner, in: &act)
            try act.dropPhoto(of: user)
            try act.connection.rows("DELETE FROM user_account WHERE id = \(user)")
        }
    }
}

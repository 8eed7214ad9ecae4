internal import Database
internal import Secrets

extension Accounts {
    /// Why an act upon a member cannot be done.
    public enum MembershipRefusal: Error, Sendable {
        /// Whoever asks is no owner (any more).
        case notOwner
        /// There is no such person (any more), or he is in that state already.
        case notPossible
        /// The organization would be left without an owner.
        case lastOwner
        /// An owner has to become a member first.
        case owner
        /// For one's own membership there are other acts: leave, delete.
        case yourself
    }

    /// Puts a member out: his sessions, tokens and photo end, and the invite
    /// link is replaced, for he knows it. His projects stay.
    ///
    /// - Throws: `MembershipRefusal` or `DatabaseError`.
    public func remove(_ user: User.ID, by authority: Authority, from client: Client) throws {
        try change(user, by: authority, from: client) { act, organization in
            try keepAnOwner(besides: user, of: organization, in: act)
            try putOut(user, of: organization, in: &act)
            try act.record(.memberRemoved, by: authority.user, on: user)
            try replaceInvitation(to: organization, by: authority.user, in: &act)
        }
    }

    /// Lets somebody back in who was removed or has left: as a member, with his
    /// password and a new API token.
    ///
    /// - Throws: `MembershipRefusal` or `DatabaseError`.
    public func restore(_ user: User.ID, by authority: Authority, from client: Client) throws {
        try change(user, by: authority, from: client) { act, organization in
            let restored = try act.connection.row(
                """
                UPDATE member SET removed_at = NULL, deactivated_at = NULL, role = 'member', joined_at = \(act.instant)
                WHERE organization_id = \(organization) AND user_id = \(user) AND removed_at IS NOT NULL
                RETURNING user_id
                """)
            guard restored != nil else { throw MembershipRefusal.notPossible }
            try endSessions(of: user, connection: act.connection)
            try storeAPIToken(newAPIToken(), of: user, connection: act.connection)
            try act.record(.memberRestored, by: authority.user, on: user)
        }
    }

    /// Keeps a member out for a while: his sessions end, his token is refused
    /// until he is reactivated, and the invite link is replaced, for he knows it.
    ///
    /// - Throws: `MembershipRefusal` or `DatabaseError`.
    public func deactivate(_ user: User.ID, by authority: Authority, from client: Client) throws {
        try change(user, by: authority, from: client) { act, organization in
            try keepAnOwner(besides: user, of: organization, in: act)
            let changed = try act.connection.row(
                """
                UPDATE member SET deactivated_at = \(act.instant)
                WHERE organization_id = \(organization) AND user_id = \(user)
                AND removed_at IS NULL AND deactivated_at IS NULL
                RETURNING user_id
                """)
            guard changed != nil else { throw MembershipRefusal.notPossible }
            try endSessions(of: user, connection: act.connection)
            try removeLink(of: user, act.connection)
            try removeLinks(madeBy: user, act.connection)
            try act.record(.memberDeactivated, by: authority.user, on: user)
            try replaceInvitation(to: organization, by: authority.user, in: &act)
        }
    }

    /// - Throws: `MembershipRefusal` or `DatabaseError`.
    public func reactivate(_ user: User.ID, by authority: Authority, from client: Client) throws {
        try change(user, by: authority, from: client) { act, organization in
            let changed = try act.connection.row(
                """
                UPDATE member SET deactivated_at = NULL
                WHERE organization_id = \(organization) AND user_id = \(user)
                AND removed_at IS NULL AND deactivated_at IS NOT NULL
                RETURNING user_id
                """)
            guard changed != nil else { throw MembershipRefusal.notPossible }
            try endSessions(of: user, connection: act.connection)
            try act.record(.memberReactivated, by: authority.user, on: user)
        }
    }

    /// Makes a member an owner, or an owner a member again.
    ///
    /// - Throws: `MembershipRefusal` or `DatabaseError`.
    public func setRole(
        _ role: Member.Role, of user: User.ID, by authority: Authority, from client: Client
    ) throws {
        try change(user, by: authority, from: client) { act, organization in
            if role == .member { try keepAnOwner(besides: user, of: organization, in: act) }
            let changed = try act.connection.row(
                """
                UPDATE member SET role = \(role.rawValue)
                WHERE organization_id = \(organization) AND user_id = \(user)
                AND removed_at IS NULL AND deactivated_at IS NULL AND role <> \(role.rawValue)
                RETURNING user_id
                """)
            guard changed != nil else { throw MembershipRefusal.notPossible }
            if role == .member { try removeLinks(madeBy: user, act.connection) }
            try act.record(.roleChanged, by: authority.user, on: user, detail: role.rawValue)
        }
    }

    /// Ends one's own membership. The account stays, without access. The invite
    /// link is replaced: whoever leaves knows it.
    ///
    /// - Throws: `WrongPassword`, `MembershipRefusal.lastOwner`,
    ///   `PasswordHasher.OutOfMemory` or `DatabaseError`.
    public func leave(_ visitor: Visitor, password: Password, from client: Client) throws {
        let user = visitor.member.user.id
        _ = try confirm(password, of: user, from: client)
        try act(by: .requester(visitor.requester), from: client) { act in
            let organization = visitor.member.organization.id
            try holdMembership(of: organization, in: act)
            try keepAnOwner(besides: user, of: organization, in: act)
            try putOut(user, of: organization, in: &act)
            try act.record(.memberLeft, by: user)
            try replaceInvitation(to: organization, by: user, in: &act)
        }
    }

    /// Deletes one's own account for good. Projects stay, without an author; the
    /// invite link is replaced.
    ///
    /// - Throws: `WrongPassword`, `MembershipRefusal.lastOwner`,
    ///   `PasswordHasher.OutOfMemory` or `DatabaseError`.
    public func deleteAccount(of visitor: Visitor, password: Password, from client: Client) throws {
        let user = visitor.member.user.id
        _ = try confirm(password, of: user, from: client)
        try act(by: .requester(visitor.requester), from: client) { act in
            let organization = visitor.member.organization.id
            try holdMembership(of: organization, in: act)
            try keepAnOwner(besides: user, of: organization, in: act)
            try removeLinks(madeBy: user, act.connection)
            try act.record(.accountDeleted, by: user)
            try replaceInvitation(to: organization, by: user, in: &act)
            try act.dropPhoto(of: user)
            try act.connection.rows("DELETE FROM user_account WHERE id = \(user)")
        }
    }

    /// Runs an act of an owner upon another person.
    func change(
        _ user: User.ID, by authority: Authority, from client: Client,
        _ body: (inout Act, _ organization: Int64) throws -> Void
    ) throws {
        try act(by: authority, from: client) { act in
            guard let organization = try act.connection.organization()?.id else {
                throw MembershipRefusal.notPossible
            }
            try holdMembership(of: organization, in: act)
            if let owner = authority.user {
                guard owner != user else { throw MembershipRefusal.yourself }
                try checkOwner(owner, of: organization, in: act)
            }
            try body(&act, organization)
        }
    }

    /// Acts upon the members come one after the other, whatever the database:
    /// two owners must not put each other out at the same moment.
    private func holdMembership(of organization: Int64, in act: Act) throws {
        try act.connection.rows(
            "UPDATE organization SET updated_at = \(act.instant) WHERE id = \(organization)")
    }

    /// As it is in this transaction: a role that was taken away acts no more.
    func checkOwner(_ user: User.ID, of organization: Int64, in act: Act) throws {
        let owner = try act.connection.row(
            """
            SELECT user_id FROM member
            WHERE organization_id = \(organization) AND user_id = \(user) AND role = 'owner'
            AND removed_at IS NULL AND deactivated_at IS NULL
            """)
        guard owner != nil else { throw MembershipRefusal.notOwner }
    }

    private func keepAnOwner(besides user: User.ID, of organization: Int64, in act: Act) throws {
        let other = try act.connection.row(
            """
            SELECT user_id FROM member
            WHERE organization_id = \(organization) AND user_id <> \(user) AND role = 'owner'
            AND removed_at IS NULL AND deactivated_at IS NULL
            LIMIT 1
            """)
        guard other != nil else { throw MembershipRefusal.lastOwner }
    }

    private func putOut(_ user: User.ID, of organization: Int64, in act: inout Act) throws {
        let removed = try act.connection.row(
            """
            UPDATE member SET removed_at = \(act.instant), deactivated_at = NULL
            WHERE organization_id = \(organization) AND user_id = \(user) AND removed_at IS NULL
            RETURNING user_id
            """)
        guard removed != nil else { throw MembershipRefusal.notPossible }
        try endSessions(of: user, connection: act.connection)
        try removeLink(of: user, act.connection)
        try removeLinks(madeBy: user, act.connection)
        try act.connection.rows("DELETE FROM api_token WHERE user_id = \(user)")
        try removeRefreshTokens(of: user, act.connection)
        // Whoever knows its address sees a photo.
        try act.dropPhoto(of: user)
        try act.connection.rows("UPDATE user_account SET photo = NULL WHERE id = \(user)")
    }
}

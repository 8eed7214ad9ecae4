internal import Database
internal import Secrets

extension Accounts {
    /// The token of the organization's invite link: the same each time, until
    /// it is reset. 160 bits in 40 hexadecimal digits, as long as clients know it;
    /// or the one that was imported with the organization.
    public func invitationToken(of organization: Organization) -> String {
        if let imported = importedInvitationToken(of: organization) { return imported }
        let id = (0..<8).map { UInt8(truncatingIfNeeded: organization.id >> (56 - 8 * $0)) }
        let code = keys.invitation.authenticate(id + organization.inviteNonce)
        return Encoding.hexadecimal(code.prefix(20))
    }

    /// The organization as it is now; nil before the first account.
    public func organization() throws -> Organization? {
        try database.read { try $0.organization() }
    }

    /// Replaces the invite link: from the end of this call on, nobody can
    /// register with the old one. People who have registered stay.
    ///
    /// - Returns: the organization with its new link; nil before the first account.
    @discardableResult
    public func resetInvitation(by authority: Authority, from client: Client) throws -> Organization? {
        try act(by: authority, from: client) { act in
            guard let organization = try act.connection.organization() else { return nil }
            try replaceInvitation(to: organization.id, by: authority.user, in: &act)
            return try act.connection.organization()
        }
    }

    /// Whoever knows the link can no longer register with it.
    func replaceInvitation(to organization: Int64, by user: User.ID?, in act: inout Act) throws {
        let nonce = randomness.bytes(Organization.nonceLength)
        try act.connection.rows(
            """
            UPDATE organization
            SET invite_nonce = \(nonce), invite_reset_at = \(act.instant), invite_reset_by = \(user),
                invite_joins = 0, invite_counted_since = \(act.instant), updated_at = \(act.instant)
            WHERE id = \(organization)
            """)
        try act.record(.invitationReset, by: user)
    }

    /// When the invite link was replaced last, and by whom.
    public struct InvitationReset: Sendable {
        public let instant: Timestamp
        /// Nil: on the command line, or by somebody whose account is gone.
        public let user: EmailAddress?
    }

    /// Nil if the link is still the first one.
    public func lastInvitationReset(of organization: Organization) throws -> InvitationReset? {
        try database.read { connection in
            let row = try connection.row(
                """
                SELECT o.invite_reset_at, u.email
                FROM organization o LEFT JOIN user_account u ON u.id = o.invite_reset_by
                WHERE o.id = \(organization.id) AND o.invite_reset_at IS NOT NULL
                """)
            return try row.map {
                InvitationReset(
                    instant: Timestamp(microseconds: try $0.integer(0)),
                    user: try $0.optionalText(1).map(EmailAddress.init(stored:)))
            }
        }
    }

    /// Makes a one-time token for the sign-up of the first account; an earlier
    /// one no longer works. Nil if there is an account already.
    public func makeSetupToken() throws -> SecretToken? {
        try act(from: .commandLine) { act in
            guard try act.connection.organization() == nil else { return nil }
            let token = SecretToken(from: randomness)
            try act.record(.setupLinkMade, by: nil)
            try act.connection.rows(
                "UPDATE installation SET setup_token_hash = \(token.hash), setup_used_at = NULL WHERE id = 1")
            return token
        }
    }

    func isInvitation(_ token: String, to organization: Organization) -> Bool {
        equalInConstantTime(Array(token.utf8), Array(invitationToken(of: organization).utf8))
    }
}

internal import Database
internal import Secrets

extension Accounts {
    /// The token of the organization's invite link: the same each time, until
    /// it is reset. 160 bits in 40 hexadecimal digits, as long as clients know it.
    public func invitationToken(of organization: Organization) -> String {
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
    public func resetInvitation() throws -> Organization? {
        try database.write { connection in
            guard let organization = try connection.organization() else { return nil }
            let nonce = randomness.bytes(16)
            try connection.rows(
                """
                UPDATE organization SET invite_nonce = \(nonce), updated_at = \(now())
                WHERE id = \(organization.id)
                """)
            return try connection.organization()
        }
    }

    /// Makes a one-time token for the sign-up of the first account; an earlier
    /// one no longer works. Nil if there is an account already.
    public func makeSetupToken() throws -> SecretToken? {
        try database.write { connection in
            guard try connection.organization() == nil else { return nil }
            let token = SecretToken(from: randomness)
            try connection.rows(
                "UPDATE installation SET setup_token_hash = \(token.hash), setup_used_at = NULL WHERE id = 1")
            return token
        }
    }

    func isInvitation(_ token: String, to organization: Organization) -> Bool {
        equalInConstantTime(Array(token.utf8), Array(invitationToken(of: organization).utf8))
    }
}

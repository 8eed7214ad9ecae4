internal import Database
internal import Secrets

extension Accounts {
    /// The current password that was given is not the one of the account.
    public struct WrongPassword: Error {}

    /// The new password is the one that the account has.
    public struct SamePassword: Error {}

    /// Sets a password that its owner has chosen. All his sessions end, the one
    /// that asked too: a copy of its cookie is worth nothing any more.
    ///
    /// - Returns: a new session in its place.
    ///
    /// - Throws: `WrongPassword`, `PasswordHasher.OutOfMemory` or `DatabaseError`.
    public func changePassword(
        of visitor: Visitor, current: Password, new: Password, from client: Client
    ) throws -> NewSession {
        let user = visitor.member.user.id
        let hash = try confirm(current, of: user, from: client)
        guard new.text != current.text else { throw SamePassword() }
        let newHash = try passwords.hash(new.text)
        return try act(by: .requester(visitor.requester), from: client) { act in
            let connection = act.connection
            // Of two changes at once, one wins, and the other is told.
            let changed = try connection.row(
                """
                UPDATE user_account SET password_hash = \(newHash), password_set_at = \(act.instant), password_provisioned_at = NULL
                WHERE id = \(user) AND password_hash = \(hash)
                RETURNING id
                """)
            guard changed != nil else { throw WrongPassword() }
            let isPersistent = try isPersistent(visitor.sessionID, connection: connection)
            try endSessions(of: user, connection: connection)
            try removeLink(of: user, connection)
            try act.record(.passwordChanged, by: user)
            return try startSession(of: user, isPersistent: isPersistent, in: act)
        }
    }

    /// Checks the password of somebody who is logged in, before an act that a
    /// stolen session must not be enough for (ASVS 5.0, 7.5.1).
    ///
    /// - Returns: the hash it was checked against, for the act to make sure
    ///   that it is still that password.
    /// - Throws: `WrongPassword`, `PasswordHasher.OutOfMemory` or `DatabaseError`.
    func confirm(_ password: Password, of user: User.ID, from client: Client) throws -> String {
        guard password.isPossible, let hash = try passwordHash(of: user),
            try verify(password.text, against: hash)
        else {
            // Wrong is wrong, whether or not the row can be kept.
            do { try record(.passwordRefused, by: user, from: client) } catch {
                tell(.passwordRefused, by: user, on: nil, detail: "(not stored)", from: client)
            }
            throw WrongPassword()
        }
        return hash
    }

    public enum ResetPassword: Sendable {
        case changed, unknownEmail, sameAsCurrent
    }

    /// Sets a password from the command line. All sessions of the account end.
    public func resetPassword(of email: EmailAddress, to new: Password) throws -> ResetPassword {
        guard let user = try member(email: email)?.user.id, let hash = try passwordHash(of: user) else {
            return .unknownEmail
        }
        if try verify(new.text, against: hash) { return .sameAsCurrent }
        let newHash = try passwords.hash(new.text)
        try act(from: .commandLine) { act in
            try act.connection.rows(
                """
                UPDATE user_account SET password_hash = \(newHash), password_set_at = \(act.instant), password_provisioned_at = \(act.instant)
                WHERE id = \(user)
                """)
            try endSessions(of: user, connection: act.connection)
            try removeLink(of: user, act.connection)
            try act.record(.passwordReset, by: nil, on: user)
        }
        return .changed
    }

    private func passwordHash(of user: User.ID) throws -> String? {
        try database.read { connection in
            try connection.row("SELECT password_hash FROM user_account WHERE id = \(user)")?.text(0)
        }
    }
}

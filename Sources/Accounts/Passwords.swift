internal import Database
internal import Secrets

extension Accounts {
    /// The current password that was given is not the one of the account.
    public struct WrongPassword: Error {}

    /// Sets a password that its owner has chosen. All his sessions end, the one
    /// that asked too: a copy of its cookie is worth nothing any more.
    ///
    /// - Returns: a new session in its place.
    ///
    /// - Throws: `WrongPassword`, `PasswordHasher.OutOfMemory` or `DatabaseError`.
    public func changePassword(of visitor: Visitor, current: Password, new: Password) throws -> NewSession {
        let user = visitor.member.user.id
        guard current.isPossible, let hash = try passwordHash(of: user),
            try passwords.verify(current.text, against: hash)
        else { throw WrongPassword() }
        let newHash = try passwords.hash(new.text)
        return try database.write { connection in
            // Of two changes at once, one wins, and the other is told.
            let changed = try connection.row(
                """
                UPDATE user_account SET password_hash = \(newHash), password_provisioned_at = NULL
                WHERE id = \(user) AND password_hash = \(hash)
                RETURNING id
                """)
            guard changed != nil else { throw WrongPassword() }
            let isPersistent = try isPersistent(visitor.sessionID, connection: connection)
            try endSessions(of: user, connection: connection)
            return try startSession(of: user, isPersistent: isPersistent, connection: connection)
        }
    }

    public enum ResetPassword: Sendable {
        case changed, unknownEmail, sameAsCurrent
    }

    /// Sets a password from the command line. All sessions of the account end.
    public func resetPassword(of email: EmailAddress, to new: Password) throws -> ResetPassword {
        guard let user = try member(email: email)?.user.id, let hash = try passwordHash(of: user) else {
            return .unknownEmail
        }
        if try passwords.verify(new.text, against: hash) { return .sameAsCurrent }
        let newHash = try passwords.hash(new.text)
        try database.write { connection in
            try connection.rows(
                """
                UPDATE user_account SET password_hash = \(newHash), password_provisioned_at = \(now())
                WHERE id = \(user)
                """)
            try endSessions(of: user, connection: connection)
        }
        return .changed
    }

    private func passwordHash(of user: User.ID) throws -> String? {
        try database.read { connection in
            try connection.row("SELECT password_hash FROM user_account WHERE id = \(user)")?.text(0)
        }
    }
}

internal import Database
internal import Secrets

extension Accounts {
    /// Changes the address that somebody logs in with. All his sessions end.
    ///
    /// - Returns: a new session in place of the one that asked.
    /// - Throws: `WrongPassword`, `EmailTaken`, `PasswordHasher.OutOfMemory` or
    ///   `DatabaseError`.
    public func changeEmail(
        of visitor: Visitor, to email: EmailAddress, password: Password, from client: Client
    ) throws -> NewSession {
        let user = visitor.member.user.id
        let hash = try confirm(password, of: user, from: client)
        return try act(by: .requester(visitor.requester), from: client) { act in
            // Before the change, so that the event names the old address too.
            try act.record(.emailChanged, by: user, detail: email.text)
            let changed: Row?
            do throws(DatabaseError) {
                changed = try act.connection.row(
                    """
                    UPDATE user_account SET email = \(email)
                    WHERE id = \(user) AND password_hash = \(hash)
                    RETURNING id
                    """)
            } catch {
                if error.reason == .constraint { throw EmailTaken() }
                throw error
            }
            guard changed != nil else { throw WrongPassword() }
            try act.connection.foldName(of: user)
            try removeLink(of: user, act.connection)
            let isPersistent = try isPersistent(visitor.sessionID, connection: act.connection)
            try endSessions(of: user, connection: act.connection)
            return try startSession(of: user, isPersistent: isPersistent, in: act)
        }
    }
}

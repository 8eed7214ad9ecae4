internal import Database
internal import Secrets

extension Accounts {
    /// Changes the address that somebody logs in with.
    ///
    /// - Throws: `WrongPassword`, `EmailTaken`, `PasswordHasher.OutOfMemory` or
    ///   `DatabaseError`.
    public func changeEmail(
        of visitor: Visitor, to email: EmailAddress, password: Password, from client: Client
    ) throws {
        let user = visitor.member.user.id
        let hash = try confirm(password, of: user, from: client)
        try act(from: client) { act in
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
            try removeLink(of: user, act.connection)
        }
    }
}

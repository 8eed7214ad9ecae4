internal import Database
internal import Secrets

extension Accounts {
    /// No account has this address and this password. Which of the two is
    /// wrong is not said.
    public struct LogInRefused: Error {
        public enum Cause: Sendable {
            case unknownEmail, wrongPassword, removed
        }
        /// For the log only, and for a person who has proved who he is.
        public let cause: Cause
    }

    /// Starts a session. Unknown addresses cost the same work as known ones.
    ///
    /// - Throws: `LogInRefused`, or `DatabaseError`.
    public func logIn(email: String, password: Password, isPersistent: Bool) throws -> NewSession {
        guard password.isPossible else { throw LogInRefused(cause: .wrongPassword) }
        let stored = try storedPassword(of: try? EmailAddress(parsing: email))
        let isRight = try passwords.verify(password.text, against: stored?.hash ?? passwords.decoy)
        guard let stored else { throw LogInRefused(cause: .unknownEmail) }
        guard isRight else { throw LogInRefused(cause: .wrongPassword) }
        guard stored.isMember else { throw LogInRefused(cause: .removed) }
        let hash = passwords.needsRehash(stored.hash) ? try passwords.hash(password.text) : stored.hash
        return try database.write { connection in
            // A change of the password that came in between ends all sessions;
            // the old password must not start one after it.
            let isUnchanged = try connection.row(
                """
                UPDATE user_account SET password_hash = \(hash)
                WHERE id = \(stored.user) AND password_hash = \(stored.hash)
                RETURNING id
                """)
            guard isUnchanged != nil else { throw LogInRefused(cause: .wrongPassword) }
            return try startSession(of: stored.user, isPersistent: isPersistent, connection: connection)
        }
    }

    private struct StoredPassword {
        let user: User.ID
        let hash: String
        let isMember: Bool
    }

    private func storedPassword(of email: EmailAddress?) throws -> StoredPassword? {
        guard let email else { return nil }
        return try database.read { connection in
            let row = try connection.row(
                """
                SELECT u.id, u.password_hash, m.user_id
                FROM user_account u
                LEFT JOIN member m ON m.user_id = u.id AND m.removed_at IS NULL
                WHERE u.email = \(email)
                """)
            return try row.map {
                StoredPassword(
                    user: User.ID(try $0.integer(0)), hash: try $0.text(1),
                    isMember: try $0.optionalInteger(2) != nil)
            }
        }
    }
}

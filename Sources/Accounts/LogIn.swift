internal import Database
internal import Limits
internal import Secrets

extension Accounts {
    /// No account has this address and this password. Which of the two is
    /// wrong is not said.
    public struct LogInRefused: Error {
        public enum Cause: String, Sendable {
            case unknownEmail = "unknown-email"
            case wrongPassword = "wrong-password"
            case removed, deactivated
        }
        /// For the log only, and for a person who has proved who he is.
        public let cause: Cause
    }

    /// Starts a session. Unknown addresses cost the same work as known ones.
    ///
    /// - Parameter email: as it was typed.
    /// - Throws: `LogInRefused`, `PasswordHasher.OutOfMemory` or `DatabaseError`.
    public func logIn(
        email: String, password: Password, isPersistent: Bool, from client: Client
    ) throws -> NewSession {
        let stored = try storedPassword(of: try? EmailAddress(parsing: email))
        let iterations = try database.read { try importedIterations($0) }
        do {
            return try logIn(
                stored, password: password, spending: iterations, isPersistent: isPersistent, from: client)
        } catch let refused as LogInRefused {
            let detail =
                stored == nil
                ? "\(refused.cause.rawValue) \(pseudonym(ofEmail: email))" : refused.cause.rawValue
            // The guess is known to be wrong, whether or not its row can be kept.
            do { try recordRefusal(of: stored?.user, detail: detail, from: client) } catch {
                tell(.logInRefused, on: stored?.user, detail: "\(detail) (not stored)", from: client)
            }
            throw refused
        }
    }

    private func logIn(
        _ stored: StoredPassword?, password: Password, spending iterations: Int32, isPersistent: Bool,
        from client: Client
    ) throws -> NewSession {
        // What nobody can have is checked against nothing, and takes as long.
        let claimed = password.isPossible ? password.text : ""
        let hash = password.isPossible ? stored?.hash : nil
        let isRight = try verify(claimed, against: hash, spending: iterations)
        guard let stored else { throw LogInRefused(cause: .unknownEmail) }
        guard isRight, password.isPossible else { throw LogInRefused(cause: .wrongPassword) }
        if let cause = stored.exclusion { throw LogInRefused(cause: cause) }
        let newHash = passwords.needsRehash(stored.hash) ? try passwords.hash(password.text) : stored.hash
        return try act(from: client) { act in
            // A change of the password that came in between ends all sessions;
            // the old password must not start one after it.
            let isUnchanged = try act.connection.row(
                """
                UPDATE user_account SET password_hash = \(newHash)
                WHERE id = \(stored.user) AND password_hash = \(stored.hash)
                AND EXISTS (SELECT 1 FROM member m WHERE m.user_id = user_account.id
                            AND m.removed_at IS NULL AND m.deactivated_at IS NULL)
                RETURNING id
                """)
            guard isUnchanged != nil else { throw LogInRefused(cause: .wrongPassword) }
            try act.record(.loggedIn, by: stored.user)
            return try startSession(of: stored.user, isPersistent: isPersistent, in: act)
        }
    }

    /// A row, or in a flood of them only word to whoever listens: guessing from
    /// many addresses must not fill the disk.
    private func recordRefusal(of user: User.ID?, detail: String, from client: Client) throws {
        switch refusedRows.take(Budget.Key("rows"), at: now().microseconds) {
        case .allowed:
            try record(.logInRefused, by: nil, on: user, detail: detail, from: client)
        case .wait:
            tell(.logInRefused, on: user, detail: detail, from: client)
        }
    }

    /// When the password of an account was set: what was given for an earlier
    /// one can be tied to it. Nil if nobody has this address.
    public func passwordSetAt(of email: EmailAddress) throws -> Timestamp? {
        try database.read { connection in
            try connection.row("SELECT password_set_at FROM user_account WHERE email = \(email)").map {
                Timestamp(microseconds: try $0.integer(0))
            }
        }
    }

    private struct StoredPassword {
        let user: User.ID
        let hash: String
        /// Why he may not log in although the password is right.
        let exclusion: LogInRefused.Cause?
    }

    private func storedPassword(of email: EmailAddress?) throws -> StoredPassword? {
        guard let email else { return nil }
        return try database.read { connection in
            let row = try connection.row(
                """
                SELECT u.id, u.password_hash, m.user_id, m.deactivated_at
                FROM user_account u
                LEFT JOIN member m ON m.user_id = u.id AND m.removed_at IS NULL
                WHERE u.email = \(email)
                """)
            return try row.map {
                let isMember = try $0.optionalInteger(2) != nil
                let isDeactivated = try $0.optionalInteger(3) != nil
                return StoredPassword(
                    user: User.ID(try $0.integer(0)), hash: try $0.text(1),
                    exclusion: !isMember ? .removed : isDeactivated ? .deactivated : nil)
            }
        }
    }
}

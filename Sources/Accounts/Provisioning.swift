internal import Database
internal import Secrets

/// What came of an account that the command line or the environment asked for.
public enum Provisioned: Sendable {
    case created
    /// It was there; its password and token were kept as they are.
    case kept
    /// Its owner was removed from the organization; it stays removed.
    case keptRemoved
}

extension Accounts {
    /// Makes an account from what an operator set, unless the address has one.
    /// Repeatable: what has changed since is never overwritten.
    ///
    /// - Parameter token: nil: a random one.
    /// - Throws: `TokenTaken`, `PasswordHasher.OutOfMemory` or `DatabaseError`.
    public func provision(email: EmailAddress, password: Password, token: APIToken?) throws -> Provisioned {
        if let state = try state(of: email) { return state }
        let hash = try passwords.hash(password.text)
        do {
            try act(from: .commandLine) { act in
                let user = try insertAccount(
                    NewUser(
                        email: email, passwordHash: hash, isProvisioned: true, allowsNewsletters: nil),
                    token: token ?? newAPIToken(), in: act)
                try act.record(.accountMade, by: nil, on: user, detail: "settings")
            }
            return .created
        } catch is EmailTaken {
            // Another process was faster.
            return .kept
        }
    }

    private func state(of email: EmailAddress) throws -> Provisioned? {
        try database.read { connection in
            let row = try connection.row(
                """
                SELECT u.id, m.user_id FROM user_account u
                LEFT JOIN member m ON m.user_id = u.id AND m.removed_at IS NULL
                WHERE u.email = \(email)
                """)
            return try row.map { try $0.optionalInteger(1) == nil ? .keptRemoved : .kept }
        }
    }
}

internal import Database
internal import Secrets

/// Users, their organization, invitations, sessions, tokens and projects: what
/// can be done with them, whoever asks. One act is one transaction.
public struct Accounts: Sendable {
    let database: any Database
    let keys: Keys
    let passwords: PasswordHasher
    let randomness: Randomness
    let now: @Sendable () -> Timestamp
    public let rules: Rules

    /// What the operator decides.
    public struct Rules: Sendable {
        /// Whether people without a link may sign up.
        public var isSignUpOpen: Bool
        /// Characters of a new password, at least.
        public var passwordMinimum: Int

        public init(isSignUpOpen: Bool, passwordMinimum: Int) {
            self.isSignUpOpen = isSignUpOpen
            self.passwordMinimum = passwordMinimum
        }
    }

    /// The subkeys that are used all the time.
    struct Keys: Sendable {
        let invitation: Subkey
        let tokenLookup: Subkey
        let tokenBox: Subkey
    }
}

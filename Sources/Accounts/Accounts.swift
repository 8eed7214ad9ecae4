internal import Database
internal import Limits
internal import Photos
internal import Secrets

/// Users, their organization, invitations, sessions, tokens and projects: what
/// can be done with them, whoever asks. One act is one transaction.
public struct Accounts: Sendable {
    let database: any Database
    let keys: Keys
    let passwords: PasswordHasher
    /// Nil: something is tried out, and no file is written.
    let photos: PhotoDirectory?
    let randomness: Randomness
    let now: @Sendable () -> Timestamp
    /// Told of every event of the audit, once it is stored.
    let observe: @Sendable (AuditEvent) -> Void
    public internal(set) var rules: Rules
    /// Rows about refused log-ins: those of a flood are only told, not stored.
    let refusedRows = Budget(
        Allowance(free: 2_000, firstDelay: 1, maximumDelay: 1, forgetAfter: 3600), capacity: 1)

    /// What the operator decides.
    public struct Rules: Sendable {
        /// Whether people without a link may sign up.
        public var isSignUpOpen: Bool
        /// Characters of a new password, at least.
        public var passwordMinimum: Int
        /// How long the audit is kept, in days.
        public var auditDays: Int

        /// 90 days: long enough to look back at what was found late.
        public static let standardAuditDays = 90

        public init(
            isSignUpOpen: Bool, passwordMinimum: Int, auditDays: Int = standardAuditDays
        ) {
            self.isSignUpOpen = isSignUpOpen
            self.passwordMinimum = passwordMinimum
            self.auditDays = auditDays
        }
    }

    /// The same accounts, under other rules.
    public func following(_ rules: Rules) -> Accounts {
        var accounts = self
        accounts.rules = rules
        return accounts
    }

    /// The subkeys that are used all the time.
    struct Keys: Sendable {
        let invitation: Subkey
        let tokenLookup: Subkey
        let tokenBox: Subkey
        let pseudonym: Subkey
        let importBox: Subkey
        let upstreamPassword: Subkey
    }
}

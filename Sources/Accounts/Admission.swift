internal import Database
internal import Secrets

/// Whether somebody may sign up, and as what.
public enum Admission: Sendable {
    /// Nobody has an account yet: this one creates the organization and owns it.
    case first
    /// The sign-up page is open to everybody.
    case open(Organization)
    /// The invite link of the organization was shown.
    case invited(Organization)

    /// Whom one would join; nil for the first account.
    public var organization: Organization? {
        switch self {
        case .first: nil
        case .open(let organization), .invited(let organization): organization
        }
    }

    /// For the audit.
    var way: String {
        switch self {
        case .first: "first-account"
        case .open: "open-page"
        case .invited: "invite-link"
        }
    }

    /// Why not.
    public enum Refusal: Error, Sendable {
        /// The installation is closed and empty: the operator makes the first account.
        case setupNeeded
        /// The one-time link for the first account has been used.
        case setupDone
        /// Only people with a link may sign up.
        case invitationNeeded
        /// There is a link, but it is not, or no longer, that of the organization.
        case invitationRefused
        /// The last day of the link is over.
        case invitationExpired
        /// As many people have joined as an owner wanted.
        case invitationUsedUp

        /// Whether it may come of trying links: whoever has one that is over, knows it.
        public var isGuess: Bool { self != .invitationExpired && self != .invitationUsedUp }
    }
}

extension Accounts {
    /// What a visitor with this link, or without one, may do now.
    ///
    /// - Throws: `Admission.Refusal` or `DatabaseError`.
    public func admission(token: String?) throws -> Admission {
        try database.read { try admission(token: token, connection: $0) }
    }

    func admission(token: String?, connection: any Connection) throws -> Admission {
        // An empty token is no token, as in `/user/signup/?token=`.
        let token = token.flatMap { $0.isEmpty ? nil : $0 }
        guard let organization = try connection.organization() else {
            return try firstAdmission(token: token, connection: connection)
        }
        if let token {
            if isInvitation(token, to: organization) {
                try checkLimits(of: organization, connection: connection)
                return .invited(organization)
            }
            if try isSetupToken(token, usedIn: connection) { throw Admission.Refusal.setupDone }
            throw Admission.Refusal.invitationRefused
        }
        guard rules.isSignUpOpen else { throw Admission.Refusal.invitationNeeded }
        return .open(organization)
    }

    private func firstAdmission(token: String?, connection: any Connection) throws -> Admission {
        if let token {
            guard try isSetupToken(token, validIn: connection) else {
                throw rules.isSignUpOpen ? Admission.Refusal.invitationRefused : .setupNeeded
            }
            return .first
        }
        guard rules.isSignUpOpen else { throw Admission.Refusal.setupNeeded }
        return .first
    }

    private func isSetupToken(_ token: String, validIn connection: any Connection) throws -> Bool {
        let hash = SecretToken(claimed: token).hash
        return try connection.row(
            "SELECT id FROM installation WHERE setup_token_hash = \(hash) AND setup_used_at IS NULL") != nil
    }

    private func isSetupToken(_ token: String, usedIn connection: any Connection) throws -> Bool {
        let hash = SecretToken(claimed: token).hash
        return try connection.row("SELECT id FROM installation WHERE setup_token_hash = \(hash)") != nil
    }
}

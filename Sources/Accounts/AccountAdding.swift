internal import Database
internal import Secrets

extension Accounts {
    /// Makes an account for somebody, from the command line. The first account
    /// owns the organization, as with `signUp`.
    ///
    /// - Parameter password: nil: he sets one by the link that comes back.
    /// - Throws: `EmailTaken`, `PasswordHasher.OutOfMemory` or `DatabaseError`.
    public func addAccount(email: EmailAddress, password: Password?) throws -> SecretToken? {
        let hash = try password.map { try passwords.hash($0.text) }
        let link = password == nil ? SecretToken(from: randomness) : nil
        try act(from: .commandLine) { act in
            let user = try insertAccount(
                NewUser(
                    email: email, passwordHash: hash ?? Self.noPassword, isProvisioned: password != nil,
                    allowsNewsletters: nil),
                token: newAPIToken(), in: act)
            try act.record(.accountMade, by: nil, on: user, detail: "command-line")
            guard let link else { return }
            try insertLink(link, for: user, madeBy: nil, in: act)
            try act.record(.passwordLinkMade, by: nil, on: user)
        }
        return link
    }

    /// An account that an operator asks for: a member, or the owner if it is the first.
    func insertAccount(_ new: NewUser, token: APIToken, in act: Act) throws -> User.ID {
        let connection = act.connection
        let user = try insertUser(new, connection: connection)
        if let organization = try connection.organization() {
            try insertMember(user, role: .member, in: organization.id, connection: connection)
        } else {
            try createOrganization(ownedBy: user, connection: connection)
        }
        try storeAPIToken(token, of: user, connection: connection)
        return user
    }
}

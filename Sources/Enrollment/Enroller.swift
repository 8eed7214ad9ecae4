public import Accounts
public import Upstream

/// Makes sure that people have an account in the Label Studio behind the gate.
public struct Enroller: Sendable {
    let accounts: Accounts
    let server: LabelingServer
    /// How long `enter` waits while somebody else is at it.
    let patience: Duration
    let doubt: DatabaseDoubt

    /// - Parameters:
    ///   - patience: how long `enter` waits while somebody else makes the account of a
    ///     person.
    ///   - doubt: shared by all who talk to the same server.
    public init(
        accounts: Accounts, server: LabelingServer, patience: Duration = .seconds(10),
        doubt: DatabaseDoubt = DatabaseDoubt()
    ) {
        self.doubt = doubt
        self.accounts = accounts
        self.server = server
        self.patience = patience
    }

    /// Where the Label Studio is.
    public var address: UpstreamAddress { server.address }

    /// Who somebody is there, as far as is known here; nil: nobody, or another Label
    /// Studio was added than this one, or it has another database. Label Studio is not
    /// asked.
    public func known(_ user: User.ID) throws -> Int64? {
        if doubt.isThere { return nil }
        return try accounts.upstreamUser(of: user, at: server.address.description)
    }

    /// What `Authorization` says of a person in a request there. It takes
    /// microseconds: Label Studio is not asked.
    public func authorization(of upstreamUser: Int64) -> String {
        server.authorization(of: upstreamUser)
    }

    public enum Attempt: Sendable, Equatable {
        /// He is this one there.
        case paired(Int64)
        /// Somebody else makes his account at this moment.
        case busy
        /// His address has an account there that may not be his.
        case toBeConfirmed
        /// It has another database than the one that was added: nobody is anybody.
        case otherDatabase
    }

    /// Who somebody is there. If he is nobody, an account is made for him, by the
    /// invite link of its organization.
    ///
    /// - Throws: `UpstreamFailure`, `Accounts.PairRefusal` or `DatabaseError`. After
    ///   any of them, it can be tried again.
    public func enroll(_ user: User.ID, from client: Client) throws -> Attempt {
        guard let upstream = try accounts.upstream() else { throw Accounts.PairRefusal.noUpstream }
        switch try accounts.enterUpstream(user, from: client) {
        case .paired(let other):
            if doubt.isThere, try !isDatabase(of: upstream) { return .otherDatabase }
            return .paired(other)
        case .busy: return .busy
        case .toBeConfirmed: return .toBeConfirmed
        case .claimed(let claim):
            guard try finish(claim, { try isDatabase(of: upstream) }) else {
                try accounts.release(claim)
                return .otherDatabase
            }
            let other = try finish(claim) {
                try makeAccount(for: claim, invitation: server.invitation(as: upstream.serviceUser))
            }
            guard let other else {
                try accounts.holdForConfirmation(claim)
                return .toBeConfirmed
            }
            try finish(claim) { try accounts.settle(claim, as: other.id, from: client) }
            try sendName(of: user)
            return .paired(other.id)
        }
    }

    /// A claim that ends in a failure is free for the next one.
    func finish<Result>(_ claim: UpstreamClaim, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            try accounts.release(claim)
            throw error
        }
    }

    /// - Returns: nil: the address has an account there that was not made by this
    ///   claim. One that was, before something failed or another one took over, is
    ///   known by its password.
    func makeAccount(
        for claim: UpstreamClaim, invitation: String?
    ) throws -> LabelingServer.Person? {
        do {
            return try server.signUp(
                email: claim.email.text, password: claim.password, invitation: invitation)
        } catch UpstreamFailure.emailTaken {
            return try server.logIn(email: claim.email.text, password: claim.password)
        }
    }
}

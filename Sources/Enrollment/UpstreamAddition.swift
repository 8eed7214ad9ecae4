public import Accounts
public import Upstream

/// How a Label Studio comes behind the gate: it is found out who we can be there.
extension Enroller {
    /// Who it is, and by which account we talk to it.
    public struct Addition: Sendable {
        public let upstream: UpstreamSite
        public let version: String
        /// The account there by which invite links are read.
        public let service: LabelingServer.Person
        /// Whether that account was made for our owner now.
        public let isNewAccount: Bool
    }

    /// Why it does not come behind the gate.
    public enum AdditionRefusal: Error, Sendable, Equatable {
        case present(UpstreamSite)
        /// Nobody has an account here.
        case noOwner
        /// Another one is at it, or was interrupted.
        case busy
        /// Sign-up is closed there: an account there has to be named.
        case closed
        /// Our owner's address has an account there that may not be his.
        case ownerIsThere(EmailAddress)
        /// No account there has this address; or none is let in at all.
        case nobody(EmailAddress)
        case nobodyIsLetIn
        /// The account there belongs to no organization.
        case withoutOrganization(String)
    }

    /// - Parameter email: whose account there is used; nil: that of our owner, who
    ///   came from there by an import, or gets one now.
    /// - Throws: `AdditionRefusal`, `UpstreamFailure` or `DatabaseError`.
    public func add(as email: EmailAddress?, from client: Client) throws -> Addition {
        if let present = try accounts.upstream() { throw AdditionRefusal.present(present) }
        let version = try server.version()
        try server.checkKey()
        if let email {
            return try add(person(email), version, from: client)
        }
        guard let organization = try accounts.organization(),
            let address = try accounts.owner(of: organization),
            let owner = try accounts.userID(email: address)
        else { throw AdditionRefusal.noOwner }
        return try add(byAccountOf: owner, address, version, by: nil, from: client)
    }

    /// As `add`, for an owner who enters.
    ///
    /// - Throws: `AdditionRefusal`, `UpstreamFailure` or `DatabaseError`.
    func add(by owner: User.ID, from client: Client) throws {
        let version = try server.version()
        try server.checkKey()
        guard let address = try accounts.emailAddress(of: owner) else { throw AdditionRefusal.noOwner }
        _ = try add(byAccountOf: owner, address, version, by: owner, from: client)
    }

    private func add(
        byAccountOf owner: User.ID, _ address: EmailAddress, _ version: String, by actor: User.ID?,
        from client: Client
    ) throws -> Addition {
        if let known = try knownAccount(of: owner) {
            return try add(known, version, by: actor, from: client)
        }
        return try addByNewAccount(of: owner, address, version, by: actor, from: client)
    }

    /// Whose token is tried, one number after the other, until somebody is let in.
    private static let numbersTried: ClosedRange<Int64> = 1...100

    private func person(_ email: EmailAddress) throws -> LabelingServer.Person {
        for number in Self.numbersTried {
            guard let guide = try server.person(number), guide.organization != nil else { continue }
            let found = try server.people(as: guide.id).first { $0.email.lowercased() == email.text }
            guard let found, let person = try server.person(found.id) else {
                throw AdditionRefusal.nobody(email)
            }
            return person
        }
        throw AdditionRefusal.nobodyIsLetIn
    }

    /// The account there from which he came by an import, if it is that database.
    private func knownAccount(of owner: User.ID) throws -> LabelingServer.Person? {
        for (source, number) in try accounts.knownPairs(of: owner) {
            if let person = try server.person(number), try self.source(seenBy: person) == source {
                return person
            }
        }
        return nil
    }

    /// The moment in which its organization was made.
    private func source(seenBy person: LabelingServer.Person) throws -> Timestamp {
        guard let number = person.organization else {
            throw AdditionRefusal.withoutOrganization(person.email)
        }
        let organization = try server.organization(number, as: person.id)
        guard let source = Timestamp(iso8601: organization.createdAt) else {
            throw UpstreamFailure.unexpected("it says of no instant when its organization was made")
        }
        return source
    }

    /// - Parameter actor: the owner who adds it; nil: whoever runs the server.
    func add(
        _ person: LabelingServer.Person, settling claim: UpstreamClaim? = nil, _ version: String,
        by actor: User.ID? = nil, from client: Client
    ) throws -> Addition {
        // Whoever reads invite links must be able to.
        _ = try server.invitation(as: person.id)
        let upstream = UpstreamSite(
            address: server.address.description, source: try source(seenBy: person),
            organization: person.organization ?? 0, serviceUser: person.id)
        do {
            try accounts.add(upstream, settling: claim, by: actor, from: client)
        } catch is Accounts.UpstreamPresent {
            throw AdditionRefusal.present(try accounts.upstream() ?? upstream)
        }
        if let claim { try sendName(of: claim.user) }
        return Addition(
            upstream: upstream, version: version, service: person, isNewAccount: claim != nil)
    }

    /// On an empty one, this makes the organization, too.
    private func addByNewAccount(
        of owner: User.ID, _ address: EmailAddress, _ version: String, by actor: User.ID?,
        from client: Client
    ) throws -> Addition {
        let claim: UpstreamClaim
        switch try accounts.claimUpstream(owner, from: client) {
        case .claimed(let claimed): claim = claimed
        case .toBeConfirmed: throw AdditionRefusal.ownerIsThere(address)
        case .busy, .paired: throw AdditionRefusal.busy
        }
        do {
            let made = try finish(claim) { try makeAccount(for: claim, invitation: nil) }
            guard let made else { throw AdditionRefusal.ownerIsThere(address) }
            return try finish(claim) {
                guard let person = try server.person(made.id) else { throw AdditionRefusal.nobodyIsLetIn }
                return try add(person, settling: claim, version, by: actor, from: client)
            }
        } catch AdditionRefusal.ownerIsThere(let address) {
            try accounts.drop(claim)
            throw AdditionRefusal.ownerIsThere(address)
        } catch UpstreamFailure.signUpRefused {
            try accounts.drop(claim)
            throw AdditionRefusal.closed
        }
    }
}

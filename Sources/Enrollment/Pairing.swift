public import Accounts
internal import Upstream

/// How somebody says himself who he is there.
extension Enroller {
    public enum Pairing: Sendable, Equatable {
        /// He is this one there, now or before.
        case paired(Int64)
        /// Nobody there has this address and this password.
        case wrongPassword
        /// The account there is somebody else's here.
        case taken
        /// He is another one there already; an owner can separate the two.
        case pairedWith(Int64)
        /// No Label Studio was added yet, and he is no owner.
        case notAdded
        /// He is an owner, and it could not be added.
        case refused(AdditionRefusal)
        /// Another one was added, at this address.
        case elsewhere(String)
        /// It has another database than the one that was added.
        case otherDatabase
    }

    /// Pairs a person with an account there of which he shows the password. If no
    /// Label Studio was added yet and he is an owner, it is added by that account.
    /// Whoever calls this counts the attempts.
    ///
    /// - Throws: `UpstreamFailure`, `Accounts.PairRefusal` or `DatabaseError`.
    public func pair(
        _ user: User.ID, email: EmailAddress, password: String, from client: Client
    ) throws -> Pairing {
        let upstream = try accounts.upstream()
        if let upstream {
            guard upstream.address == server.address.description else { return .elsewhere(upstream.address) }
            guard try isDatabase(of: upstream) else { return .otherDatabase }
        } else if try !accounts.isOwner(user) {
            return .notAdded
        }
        guard let person = try server.logIn(email: email.text, password: password) else {
            return .wrongPassword
        }
        do {
            if upstream == nil { try add(by: user, as: person.id, from: client) }
            try accounts.pair(user, withOwn: person.id, from: client)
            return .paired(person.id)
        } catch AdditionRefusal.present {
            return .elsewhere(try accounts.upstream()?.address ?? server.address.description)
        } catch let refusal as AdditionRefusal {
            return .refused(refusal)
        } catch Accounts.PairRefusal.taken {
            return .taken
        } catch Accounts.PairRefusal.pairedWith(let other) {
            return .pairedWith(other)
        }
    }

    private func add(by owner: User.ID, as upstreamUser: Int64, from client: Client) throws {
        let version = try server.version()
        try server.checkKey()
        guard let person = try server.person(upstreamUser) else { throw AdditionRefusal.nobodyIsLetIn }
        do {
            _ = try add(person, version, by: owner, from: client)
        } catch AdditionRefusal.present(let present) where present.address == server.address.description {
            // Another owner was faster.
        }
    }
}

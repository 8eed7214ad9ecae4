public import Accounts
internal import Upstream

/// Taking somebody out of the organization there, too.
extension Enroller {
    public enum Removal: Sendable, Equatable {
        case removed
        /// He was nobody there, or removed before.
        case wasNotThere
        /// His account there is the one by which invite links are read: without it,
        /// nobody new would get in.
        case isNeeded
    }

    /// Takes a person out of the organization there. He stays paired: whoever lets
    /// him back in here lets nobody in there.
    ///
    /// - Parameter owner: who does it.
    /// - Throws: `UpstreamFailure` or `DatabaseError`.
    public func remove(_ user: User.ID, by owner: User.ID, from client: Client) throws -> Removal {
        guard let upstream = try accounts.upstream(), let other = try known(user) else { return .wasNotThere }
        guard other != upstream.serviceUser else { return .isNeeded }
        let wasThere = try server.remove(other, from: upstream.organization, as: upstream.serviceUser)
        guard wasThere else { return .wasNotThere }
        try accounts.record(.upstreamMemberRemoved, by: owner, on: user, detail: "\(other)", from: client)
        return .removed
    }
}

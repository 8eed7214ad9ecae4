public import Accounts
public import Upstream

/// What an owner is asked before he confirms that an account there is a person's.
extension Enroller {
    /// The account there that has the address of a person; nil: there is none (any
    /// more).
    ///
    /// - Throws: `UpstreamFailure` or `DatabaseError`.
    public func account(withAddressOf user: User.ID) throws -> LabelingServer.Person? {
        guard let upstream = try accounts.upstream(), upstream.address == server.address.description,
            let email = try accounts.emailAddress(of: user)
        else { return nil }
        return try server.people(as: upstream.serviceUser).first { $0.email.lowercased() == email.text }
    }
}

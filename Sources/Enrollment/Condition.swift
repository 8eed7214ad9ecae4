internal import Accounts
public import Upstream

/// How the Label Studio behind the gate does.
extension Enroller {
    public enum Condition: Sendable, Equatable {
        /// It answers, and takes what we sign.
        case answers(version: String)
        case wrongKey
        /// It is not the database of which it is known who is who.
        case otherDatabase
        /// Another one was added, at this address.
        case elsewhere(String)
        case failing(UpstreamFailure)
    }

    /// - Throws: `DatabaseError`.
    public func condition() throws -> Condition {
        do {
            let version = try server.version()
            try server.checkKey()
            guard let upstream = try accounts.upstream() else { return .answers(version: version) }
            guard upstream.address == server.address.description else { return .elsewhere(upstream.address) }
            return try isDatabase(of: upstream) ? .answers(version: version) : .otherDatabase
        } catch UpstreamFailure.wrongKey {
            return .wrongKey
        } catch let failure as UpstreamFailure {
            return .failing(failure)
        }
    }

    /// Whether it has the database of which it is known who is who; whoever asks from
    /// now on is told.
    ///
    /// - Throws: `UpstreamFailure`.
    func isDatabase(of upstream: UpstreamSite) throws -> Bool {
        let organization = try server.organization(upstream.organization, as: upstream.serviceUser)
        let isSame = Timestamp(iso8601: organization.createdAt) == upstream.source
        doubt.set(!isSame)
        return isSame
    }

    /// Whether one was added, and somebody without a link could make himself an
    /// account in it.
    ///
    /// - Throws: `UpstreamFailure` or `DatabaseError`.
    public func isSignUpOpen() throws -> Bool {
        try accounts.upstream() != nil && server.isSignUpOpen()
    }
}

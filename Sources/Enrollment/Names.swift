public import Accounts
internal import Upstream

/// People there have the names that they have here.
extension Enroller {
    /// Whose account there has not got his name yet.
    public func namesToSend() throws -> [UpstreamName] {
        try accounts.upstreamNamesToSend(to: server.address.description)
    }

    /// - Throws: `UpstreamFailure` or `DatabaseError`. It is to be sent again then.
    public func send(_ name: UpstreamName) throws {
        try server.rename(name.upstreamUser, firstName: name.firstName, lastName: name.lastName)
        try accounts.noteSent(name)
    }

    /// Sends the name of somebody who is paired now. If that cannot be, he is paired
    /// all the same, and the service sends it later.
    func sendName(of user: User.ID) throws {
        for name in try accounts.upstreamNamesToSend(to: server.address.description, of: user) {
            do {
                try send(name)
            } catch is UpstreamFailure {
                return
            }
        }
    }
}

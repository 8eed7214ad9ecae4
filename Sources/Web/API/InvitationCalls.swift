internal import Accounts
internal import HTTP

extension Site {
    func apiInvitation(_ visit: Visit, _ requester: Requester) throws -> Response {
        try noteInvitationShown(to: requester.member, visit)
        return json(.ok, invitationJSON(requester.member.organization, prefix: ""))
    }

    func resetAPIInvitation(_ visit: Visit, _ requester: Requester) throws -> Response {
        guard
            let organization = try accounts.resetInvitation(
                by: .requester(requester), from: client(of: visit))
        else {
            return errorPage(.notFound, visit)
        }
        figures.count(Figures.InvitationUse.reset)
        return json(.created, invitationJSON(organization, prefix: visit.address.prefix))
    }

    /// - Parameter prefix: the product we follow names the sub-path in the
    ///   answer to a reset, and leaves it out when the link is only read.
    private func invitationJSON(_ organization: Organization, prefix: String) -> JSON {
        let token = accounts.invitationToken(of: organization)
        return ["token": .string(token), "invite_url": .string("\(prefix)/user/signup/?token=\(token)")]
    }
}

internal import Accounts
internal import HTTP

extension Site {
    func apiToken(_ visit: Visit, _ member: Member) throws -> Response {
        json(.ok, ["token": .string(try accounts.apiToken(of: member.user.id))])
    }

    func resetAPIToken(_ visit: Visit, _ member: Member) throws -> Response {
        let token = try accounts.resetAPIToken(of: member.user.id)
        note(.notice, "token-reset", visit, [("user", "\(member.user.id.number)")])
        return json(.created, ["token": .string(token)])
    }
}

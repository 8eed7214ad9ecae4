internal import Accounts
internal import HTTP

extension Site {
    func apiToken(_ visit: Visit, _ requester: Requester) throws -> Response {
        json(.ok, ["token": .string(try accounts.apiToken(of: requester.member.user.id))])
    }

    func resetAPIToken(_ visit: Visit, _ requester: Requester) throws -> Response {
        let token = try accounts.resetAPIToken(of: requester, from: client(of: visit))
        return json(.created, ["token": .string(token)])
    }
}

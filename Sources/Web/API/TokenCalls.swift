internal import Accounts
internal import HTTP

extension Site {
    func apiToken(_ visit: Visit, _ member: Member) throws -> Response {
        json(.ok, ["token": .string(try accounts.apiToken(of: member.user.id))])
    }

    func resetAPIToken(_ visit: Visit, _ member: Member) throws -> Response {
        let token = try accounts.resetAPIToken(of: member.user.id, from: client(of: visit))
        return json(.created, ["token": .string(token)])
    }
}

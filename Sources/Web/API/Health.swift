internal import Accounts
internal import HTTP

extension Site {
    func health(_ visit: Visit) throws -> Response {
        accounts.isReachable()
            ? json(.ok, ["status": "UP"]) : json(.serviceUnavailable, ["status": "DOWN"])
    }
}

internal import Accounts
internal import HTTP

extension Site {
    /// Whether accounts can be read and written.
    func health(_ visit: Visit) throws -> Response {
        let isWell = checkup.isWell(at: now()) {
            do {
                try accounts.checkDatabase()
                return true
            } catch {
                log(Event(.error, "not-healthy", [("error", "\(error)")]))
                return false
            }
        }
        return isWell ? json(.ok, ["status": "UP"]) : json(.serviceUnavailable, ["status": "DOWN"])
    }
}

internal import Accounts
internal import HTTP
internal import Secrets

extension Site {
    func json(_ status: Status, _ value: JSON) -> Response {
        Response(status, contentType: "application/json", body: value.encoded)
    }

    /// The envelope of every error of the API, as its clients know it.
    ///
    /// - Parameter id: the reference that is in the log; nil: a new UUID.
    func apiError(_ status: Status, _ detail: String, id: String? = nil) -> Response {
        json(
            status,
            [
                "id": .string(id ?? newUUID()), "status_code": .integer(Int64(status.rawValue)),
                "version": .string(settings.version), "detail": .string(detail), "exc_info": nil,
            ])
    }

    func unauthorized(_ detail: String) -> Response {
        var response = apiError(.unauthorized, detail)
        response.add("WWW-Authenticate", "Token")
        return response
    }

    func detail(of status: Status, _ visit: Visit) -> String {
        switch status {
        case .notFound: "Not found."
        case .methodNotAllowed: "Method \"\(visit.request.method.name)\" not allowed."
        default: status.phrase
        }
    }

    /// A random UUID (RFC 9562, version 4).
    func newUUID() -> String {
        var bytes = randomness.bytes(16)
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = Encoding.hexadecimal(bytes)
        let ends = [0, 8, 12, 16, 20, 32]
        let groups = zip(ends, ends.dropFirst()).map { digits.dropFirst($0).prefix($1 - $0) }
        return groups.joined(separator: "-")
    }
}

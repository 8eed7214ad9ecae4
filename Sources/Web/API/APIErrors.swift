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
        apiError(APIFault(status, detail), id: id)
    }

    func apiError(_ fault: APIFault, id: String? = nil) -> Response {
        var members: [JSON.Member] = [
            JSON.Member("id", .string(id ?? newUUID())),
            JSON.Member("status_code", .integer(Int64(fault.status.rawValue))),
            JSON.Member("version", .string(settings.version)),
            JSON.Member("detail", .string(fault.detail)),
            JSON.Member("exc_info", nil),
        ]
        if !fault.problems.isEmpty {
            let problems = fault.problems.map { JSON.Member($0.field, [.string($0.message)]) }
            members.append(JSON.Member("validation_errors", .object(problems)))
        }
        return json(fault.status, .object(members))
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

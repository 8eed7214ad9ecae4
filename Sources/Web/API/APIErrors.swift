internal import Accounts
internal import HTTP
internal import Secrets

extension Site {
    func json(_ status: Status, _ value: JSON) -> Response {
        Response(status, contentType: "application/json", body: value.encoded)
    }

    /// The envelope of every error of the API, as its clients know it.
    func apiError(_ status: Status, _ detail: String, _ visit: Visit) -> Response {
        apiError(APIFault(status, detail), visit)
    }

    func apiError(_ fault: APIFault, _ visit: Visit) -> Response {
        var members: [JSON.Member] = [
            JSON.Member("id", .string(reference(of: visit))),
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

    func unauthorized(_ detail: String, _ visit: Visit) -> Response {
        var response = apiError(.unauthorized, detail, visit)
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

    /// By what a request is found in the log: as the web server calls it, if it does.
    func reference(of visit: Visit) -> String {
        let reference = visit.reference ?? newUUID()
        visit.reference = reference
        return reference
    }

    /// A random UUID (RFC 9562, version 4).
    private func newUUID() -> String {
        var bytes = randomness.bytes(16)
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = Encoding.hexadecimal(bytes)
        let ends = [0, 8, 12, 16, 20, 32]
        let groups = zip(ends, ends.dropFirst()).map { digits.dropFirst($0).prefix($1 - $0) }
        return groups.joined(separator: "-")
    }
}

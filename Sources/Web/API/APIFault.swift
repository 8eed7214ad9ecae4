internal import HTTP

/// Why a call is refused, as its clients are told. Handlers throw it.
struct APIFault: Error {
    let status: Status
    let detail: String
    /// What is wrong with which field.
    var problems: [(field: String, message: String)] = []

    static let noCredentials = "Authentication credentials were not provided."
    static let noRight = "You do not have permission to perform this action."

    init(_ status: Status, _ detail: String) {
        self.status = status
        self.detail = detail
    }

    /// Too many tries, in the words that clients know.
    static func throttled(_ seconds: Int) -> APIFault {
        APIFault(.tooManyRequests, "Request was throttled. Expected available in \(seconds) seconds.")
    }

    /// A form of another site, or of nobody's.
    static func foreignRequest(from sender: SameOrigin.Sender, to address: PublicAddress) -> APIFault {
        APIFault(
            .forbidden, "CSRF Failed: the request came from \(sender), but this site is \(address.origin).")
    }

    /// Fields that cannot be taken as they are.
    init(problems: [(field: String, message: String)]) {
        self.init(.badRequest, "Validation error")
        self.problems = problems
    }

    static func notFound(_ name: String) -> APIFault {
        APIFault(.notFound, "No \(name) matches the given query.")
    }
}

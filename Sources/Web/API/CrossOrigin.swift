internal import HTTP

/// Which other sites may call the API from a browser (Fetch standard, 3.2). No
/// cookies: a page there needs a token, as a program does.
struct CrossOrigin: Sendable {
    private let origins: Set<String>

    /// - Parameter origins: as browsers send them, such as `https://tools.example`.
    init(origins: [String]) {
        self.origins = Set(origins)
    }

    func addFields(to response: inout Response, _ visit: Visit) {
        guard !origins.isEmpty, visit.isAPI else { return }
        response.add("Vary", "Origin")
        guard let origin = visit.request.header.origin, origins.contains(origin) else { return }
        response.add("Access-Control-Allow-Origin", origin)
        response.add("Access-Control-Expose-Headers", "Allow, Retry-After, WWW-Authenticate")
        guard visit.request.method == .options else { return }
        response.add("Access-Control-Allow-Methods", "DELETE, GET, OPTIONS, PATCH, POST, PUT")
        response.add("Access-Control-Allow-Headers", "accept, authorization, content-type, x-api-key")
        response.add("Access-Control-Max-Age", "86400")
    }
}

internal import Accounts
internal import HTTP

/// Whether a request comes from a page of ours.
enum SameOrigin {
    case yes
    case no(Sender)

    /// What a request comes from instead, as far as it says.
    enum Sender: CustomStringConvertible {
        /// A page of this origin; nil: of another site, and nobody says which.
        case page(origin: String?, fetchSite: String? = nil)
        /// No browser, and without the token of a form.
        case program

        /// For the log, and for programs.
        var description: String {
            switch self {
            case .page(let origin, let fetchSite):
                (origin ?? "another site") + (fetchSite.map { " (\($0))" } ?? "")
            case .program: "a client that sent neither Origin nor a valid token"
            }
        }
    }
}

extension Site {
    /// What browsers say decides: `Sec-Fetch-Site` if it was sent, else
    /// `Origin`. Clients that send neither, which are no browsers, prove
    /// themselves by the token of the form (OWASP, Cross-Site Request Forgery
    /// Prevention).
    func sameOrigin(_ visit: Visit) throws -> SameOrigin {
        let header = visit.request.header
        if let fetchSite = header.secFetchSite {
            return fetchSite == "same-origin"
                ? .yes : .no(.page(origin: header.origin, fetchSite: fetchSite))
        }
        if let origin = header.origin {
            return origin.lowercased() == visit.address.origin ? .yes : .no(.page(origin: origin))
        }
        return try hasFormToken(visit) ? .yes : .no(.program)
    }

    private func hasFormToken(_ visit: Visit) throws -> Bool {
        let cookies = Cookies(header: visit.request.header.cookie)
        guard let cookie = cookies[FormTokens.cookieName] else { return false }
        guard let sent = try visit.request.header.csrfToken ?? visit.form[FormTokens.fieldName] else {
            return false
        }
        return formTokens.matches(cookie: cookie, sent: sent, session: visit.visitor?.sessionID)
    }
}

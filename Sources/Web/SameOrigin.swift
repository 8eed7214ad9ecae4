internal import Accounts
internal import HTTP

/// Whether a request comes from a page of ours.
enum SameOrigin {
    case yes
    /// What it said instead.
    case no(received: String)
}

extension Site {
    /// What browsers say decides: `Sec-Fetch-Site` if it was sent, else
    /// `Origin`. Clients that send neither, which are no browsers, prove
    /// themselves by the token of the form (OWASP, Cross-Site Request Forgery
    /// Prevention).
    func sameOrigin(_ visit: Visit) throws -> SameOrigin {
        let header = visit.request.header
        if let fetchSite = header.secFetchSite {
            let received = header.origin ?? "another site"
            return fetchSite == "same-origin" ? .yes : .no(received: "\(received) (\(fetchSite))")
        }
        if let origin = header.origin {
            return origin.lowercased() == visit.address.origin ? .yes : .no(received: origin)
        }
        return try hasFormToken(visit)
            ? .yes : .no(received: "a client that sent neither Origin nor a valid token")
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

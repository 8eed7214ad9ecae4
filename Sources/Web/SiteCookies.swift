internal import Accounts
internal import HTTP
internal import Secrets

extension Site {
    /// Over https a name with the `__Host-` prefix, which no other host and no
    /// other path can set. The prefix demands `Path=/`, so that a sub-path has
    /// to be part of the name.
    func sessionCookieName(for address: PublicAddress) -> String {
        let name = settings.sessionCookieName
        guard address.isSecure else { return name }
        guard !address.prefixSegments.isEmpty else { return "__Host-\(name)" }
        return "__Host-\(name)-\(Encoding.hexadecimal(digest(Array(address.prefix.utf8)).prefix(4)))"
    }

    /// Whether a cookie of this name is one of ours, over http or https: none of
    /// them is for a site behind the gate.
    func isOurCookie(_ name: String) -> Bool {
        let session = settings.sessionCookieName
        return name == session || name == "__Host-\(session)" || name.hasPrefix("__Host-\(session)-")
            || name == FormTokens.cookieName || KnownBrowsers.cookieNames.contains(name)
    }

    func addSessionCookie(_ session: NewSession, to response: inout Response, _ visit: Visit) {
        let cookie = sessionCookie(
            value: session.token.text, visit,
            maximumAge: session.isPersistent ? Int(session.policy.maximumAge * 60) : nil)
        response.add(cookie)
        // The form token of a visitor without session ends here.
        addFormCookie(
            formTokens.make(session: session.id, randomness: randomness), to: &response, visit)
    }

    func expireSessionCookie(in response: inout Response, _ visit: Visit) {
        response.add(sessionCookie(value: "", visit, maximumAge: 0))
        addFormCookie(formTokens.make(session: nil, randomness: randomness), to: &response, visit)
    }

    func addFormCookie(_ token: FormTokens.Token, to response: inout Response, _ visit: Visit) {
        let cookie = SetCookie(
            name: FormTokens.cookieName, value: token.cookie, path: visit.link("/"),
            isSecure: visit.address.isSecure, maximumAge: 31_449_600)
        response.add(cookie)
    }

    private func sessionCookie(value: String, _ visit: Visit, maximumAge: Int?) -> SetCookie {
        SetCookie(
            name: sessionCookieName(for: visit.address), value: value,
            path: visit.address.sessionPath,
            isSecure: visit.address.isSecure, maximumAge: maximumAge)
    }
}

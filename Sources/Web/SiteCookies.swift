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

    func addSessionCookie(_ session: NewSession, to response: inout Response, _ visit: Visit) {
        let cookie = sessionCookie(
            value: session.token.text, visit,
            maximumAge: session.isPersistent ? Int(session.policy.maximumAge * 60) : nil)
        response.add(cookie)
        // The form token of a visitor without session ends here.
        addFormCookie(
            formTokens.make(session: session.id, randomness: randomness), to: &response, visit)
    }

    /// The cookie of another host of ours; there are no forms of ours there.
    func addSessionCookie(_ session: SiteSession, to response: inout Response, _ visit: Visit) {
        let cookie = sessionCookie(
            value: session.token.text, visit,
            maximumAge: session.isPersistent ? Int(session.policy.maximumAge * 60) : nil)
        response.add(cookie)
    }

    /// The secret of a browser on its way to another host of ours; nil if it has none.
    func siteBrowser(_ visit: Visit) -> SecretToken? {
        let cookie = Cookies(header: visit.request.header.cookie)[siteBrowserCookieName(visit)]
        return cookie.flatMap { SecretToken(wellFormed: $0) }
    }

    func siteBrowserCookie(_ secret: SecretToken, _ visit: Visit) -> SetCookie {
        SetCookie(
            name: siteBrowserCookieName(visit), value: secret.text, path: "/",
            isSecure: visit.address.isSecure, maximumAge: 86_400)
    }

    private func siteBrowserCookieName(_ visit: Visit) -> String {
        CookieNames.siteBrowser[visit.address.isSecure ? 1 : 0]
    }

    func expireSessionCookie(in response: inout Response, _ visit: Visit) {
        response.add(sessionCookie(value: "", visit, maximumAge: 0))
        addFormCookie(formTokens.make(session: nil, randomness: randomness), to: &response, visit)
    }

    func addFormCookie(_ token: FormTokens.Token, to response: inout Response, _ visit: Visit) {
        let cookie = SetCookie(
            name: FormTokens.cookieName, value: token.cookie, path: visit.address.prefix + "/",
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

/// The names of the cookies that are ours, over http and https and at each
/// sub-path: none of them is for a site behind the gate.
struct CookieNames: Sendable {
    /// Over http and over https.
    static let siteBrowser = ["site-browser", "__Host-site-browser"]

    private let names: [[UInt8]]
    /// What the name of a session's cookie at a sub-path begins with.
    private let prefix: [UInt8]

    init(session: String) {
        let others =
            [FormTokens.cookieName, Appearance.cookieName] + KnownBrowsers.cookieNames + Self.siteBrowser
        names = ([session, "__Host-\(session)"] + others).map { Array($0.utf8) }
        prefix = Array("__Host-\(session)-".utf8)
    }

    func contains(_ name: Span<UInt8>) -> Bool {
        names.contains { $0.count == name.count && isPrefix($0, of: name) } || isPrefix(prefix, of: name)
    }

    private func isPrefix(_ start: [UInt8], of name: Span<UInt8>) -> Bool {
        guard start.count <= name.count else { return false }
        for index in start.indices where start[index] != name[index] { return false }
        return true
    }
}

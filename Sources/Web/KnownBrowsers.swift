internal import Accounts
internal import HTTP
internal import Limits
internal import Secrets

/// Cookies that a browser gets when it has logged in to an account: they give
/// no access, but a budget of its own for the next log-in, so that guesses from
/// elsewhere cannot slow the owner (OWASP, Authentication: device cookies).
///
/// The cookie holds a token for each of the last accounts: 16 random bytes, and
/// a code over them, the address of the account and the instant of its password:
/// a token ends with the password that it was given for.
struct KnownBrowsers: Sendable {
    /// Over http and over https.
    static let cookieNames = ["known-browser", "__Secure-known-browser"]
    static let accountLimit = 4
    /// Half a year, in seconds.
    static let lifetime = 15_552_000

    private static let nonceLength = 16
    private static let length = 32

    let key: Subkey

    /// What a token is tied to.
    struct Account {
        let email: EmailAddress
        let passwordSetAt: Timestamp
    }

    /// The budget that a cookie opens for an account; nil: none.
    func budgetKey(_ cookie: String, _ account: Account) -> Budget.Key? {
        tokens(cookie).first { isToken($0, for: account) }.map { Budget.Key($0) }
    }

    /// The cookie after a log-in: with the token of this account in front.
    func cookie(after cookie: String, _ account: Account, randomness: Randomness) -> String {
        let nonce = randomness.bytes(Self.nonceLength)
        let others = tokens(cookie).filter { !isToken($0, for: account) }
        let kept = [nonce + code(nonce, account)] + others.prefix(Self.accountLimit - 1)
        return kept.map(Encoding.base64URL).joined(separator: ".")
    }

    private func tokens(_ cookie: String) -> [[UInt8]] {
        let parts = cookie.utf8.split(separator: UInt8(ascii: "."), maxSplits: Self.accountLimit)
        return parts.prefix(Self.accountLimit).compactMap { part in
            Encoding.decodeBase64URL(String(Substring(part))).flatMap { $0.count == Self.length ? $0 : nil }
        }
    }

    private func isToken(_ token: [UInt8], for account: Account) -> Bool {
        equalInConstantTime(
            Array(token.dropFirst(Self.nonceLength)), code(Array(token.prefix(Self.nonceLength)), account))
    }

    private func code(_ nonce: [UInt8], _ account: Account) -> [UInt8] {
        Array(
            key.hash(nonce + Array("\(account.passwordSetAt.microseconds) \(account.email)".utf8)).prefix(
                Self.length - Self.nonceLength))
    }
}

extension Site {
    /// The budget that this browser has of its own for an account; nil: none.
    func knownBrowserKey(_ email: EmailAddress?, _ visit: Visit) throws -> Budget.Key? {
        let cookie = knownBrowserCookie(visit)
        guard let email, !cookie.isEmpty, let account = try account(email) else { return nil }
        return knownBrowsers.budgetKey(cookie, account)
    }

    /// From now on this browser has a budget of its own for the account.
    func addKnownBrowserCookie(_ email: EmailAddress, to response: inout Response, _ visit: Visit) throws {
        guard let account = try account(email) else { return }
        let value = knownBrowsers.cookie(after: knownBrowserCookie(visit), account, randomness: randomness)
        let cookie = SetCookie(
            name: knownBrowserCookieName(visit), value: value, path: visit.link("/user"),
            isSecure: visit.address.isSecure, maximumAge: KnownBrowsers.lifetime)
        response.add(cookie)
    }

    private func knownBrowserCookie(_ visit: Visit) -> String {
        Cookies(header: visit.request.header.cookie)[knownBrowserCookieName(visit)] ?? ""
    }

    private func account(_ email: EmailAddress) throws -> KnownBrowsers.Account? {
        try accounts.passwordSetAt(of: email).map { KnownBrowsers.Account(email: email, passwordSetAt: $0) }
    }

    /// Only the pages of accounts get it, so that `__Host-`, which demands `Path=/`,
    /// is not possible.
    private func knownBrowserCookieName(_ visit: Visit) -> String {
        KnownBrowsers.cookieNames[visit.address.isSecure ? 1 : 0]
    }
}

internal import Secrets

/// Tokens that show that a form was fetched before it was sent: a double-submit
/// cookie, authenticated and bound to the session (OWASP, Cross-Site Request
/// Forgery Prevention).
///
/// The cookie holds 8 random bytes and a code over them and the session. A form
/// holds the same 24 bytes under a fresh mask each time, so that a compressed
/// page does not give them away (BREACH); the bare value of the cookie is
/// accepted too: the Python client sends it.
struct FormTokens: Sendable {
    static let cookieName = "csrftoken"
    static let fieldName = "csrfmiddlewaretoken"

    private static let nonceLength = 8
    private static let length = 24

    let key: Subkey

    /// A value for the cookie.
    func make(session: [UInt8]?, randomness: Randomness) -> String {
        let nonce = randomness.bytes(Self.nonceLength)
        return Encoding.base64URL(nonce + code(nonce, session))
    }

    /// Whether a cookie's value was made here, for this session.
    func isValid(cookie: String, session: [UInt8]?) -> Bool {
        guard let bytes = Encoding.decodeBase64URL(cookie), bytes.count == Self.length else { return false }
        let nonce = Array(bytes.prefix(Self.nonceLength))
        return equalInConstantTime(Array(bytes.dropFirst(Self.nonceLength)), code(nonce, session))
    }

    /// The cookie's value under a fresh mask: 64 characters.
    func mask(_ cookie: String, randomness: Randomness) -> String {
        guard let bytes = Encoding.decodeBase64URL(cookie) else { return "" }
        let mask = randomness.bytes(bytes.count)
        return Encoding.base64URL(mask + zip(mask, bytes).map { $0 ^ $1 })
    }

    /// Whether what was sent is what the cookie says.
    func matches(cookie: String, sent: String, session: [UInt8]?) -> Bool {
        guard isValid(cookie: cookie, session: session), let bytes = Encoding.decodeBase64URL(cookie),
            let sent = Encoding.decodeBase64URL(sent)
        else { return false }
        switch sent.count {
        case Self.length:
            return equalInConstantTime(sent, bytes)
        case 2 * Self.length:
            let unmasked = zip(sent.prefix(Self.length), sent.dropFirst(Self.length)).map { $0 ^ $1 }
            return equalInConstantTime(unmasked, bytes)
        default:
            return false
        }
    }

    private func code(_ nonce: [UInt8], _ session: [UInt8]?) -> [UInt8] {
        Array(key.hash(nonce + (session ?? [])).prefix(Self.length - Self.nonceLength))
    }
}

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

    /// What the cookie holds.
    struct Token {
        fileprivate let bytes: [UInt8]

        /// The value of the cookie: 32 characters.
        var cookie: String { Encoding.base64URL(bytes) }

        /// The value for a form, under a fresh mask: 64 characters.
        func masked(_ randomness: Randomness) -> String {
            let mask = randomness.bytes(bytes.count)
            var masked: [UInt8] = []
            masked.reserveCapacity(2 * bytes.count)
            masked += mask
            masked += bytes
            for index in mask.indices { masked[mask.count + index] ^= mask[index] }
            return Encoding.base64URL(masked)
        }
    }

    func make(session: [UInt8]?, randomness: Randomness) -> Token {
        var bytes = randomness.bytes(Self.nonceLength)
        bytes += code(bytes, session)
        return Token(bytes: bytes)
    }

    /// Nil if a cookie's value was not made here, for this session.
    func token(cookie: String, session: [UInt8]?) -> Token? {
        guard let bytes = Encoding.decodeBase64URL(cookie), bytes.count == Self.length else { return nil }
        let nonce = Array(bytes.prefix(Self.nonceLength))
        let isOurs = equalInConstantTime(
            Array(bytes.dropFirst(Self.nonceLength)), Array(code(nonce, session)))
        return isOurs ? Token(bytes: bytes) : nil
    }

    /// Whether what was sent is what the cookie says.
    func matches(cookie: String, sent: String, session: [UInt8]?) -> Bool {
        guard let bytes = token(cookie: cookie, session: session)?.bytes,
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

    private func code(_ nonce: [UInt8], _ session: [UInt8]?) -> ArraySlice<UInt8> {
        key.hash(session.map { nonce + $0 } ?? nonce).prefix(Self.length - Self.nonceLength)
    }
}

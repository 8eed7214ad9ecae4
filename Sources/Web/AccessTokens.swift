internal import Accounts
internal import HTTP
internal import JWT
internal import Secrets

/// Personal access tokens as they are sent: JSON Web Tokens. A refresh token is
/// kept by its owner for years and gets access tokens, which calls are made with
/// and which expire soon.
struct AccessTokens: Sendable {
    /// Seconds that an access token works.
    static let lifetime: Int64 = 300

    let key: Subkey

    /// Why a text is no refresh token that can be used, in the words that
    /// clients know.
    enum Refusal: String, Error {
        case invalid = "Token is invalid"
        case wrongType = "Token has wrong type"
        case ended = "Token is blacklisted"
    }

    /// The text of a token that was made here.
    func text(of token: RefreshToken) -> String { signed(token).text }

    /// The same without the signature, as lists show it.
    func signedText(of token: RefreshToken) -> String { token.origin?.text ?? signed(token).signedText }

    private func signed(_ token: RefreshToken) -> JSONWebToken {
        JSONWebToken(
            claims: [
                "token_type": "refresh", "exp": .integer(token.expiresAt.seconds),
                "iat": .integer(token.createdAt.seconds), "jti": .string(token.id),
                "user_id": .string("\(token.userID.number)"),
            ], authenticator: key.authenticate)
    }

    /// A new access token. It names the refresh token that it was made by, and
    /// ends with it.
    func accessToken(by token: RefreshToken, at instant: Timestamp, _ randomness: Randomness) -> String {
        JSONWebToken(
            claims: [
                "token_type": "access", "exp": .integer(instant.seconds + Self.lifetime),
                "iat": .integer(instant.seconds),
                "jti": .string(Encoding.hexadecimal(randomness.bytes(16))),
                "user_id": .string("\(token.userID.number)"), "refresh_jti": .string(token.id),
            ], authenticator: key.authenticate
        ).text
    }

    /// The refresh token that an access token was made by; nil if it is not
    /// genuine, or has expired.
    func refreshID(ofAccessToken text: String, at instant: Timestamp) -> String? {
        guard let token = JSONWebToken(parsing: text), token.isGenuine(key.authenticate),
            token.claims["token_type"] == "access", case .integer(let expiry) = token.claims["exp"],
            instant.seconds < expiry, case .string(let id) = token.claims["refresh_jti"]
        else { return nil }
        return id
    }

    /// What a text claims to be; nil if it is no token, signed or not.
    static func refreshID(claimedBy text: String) -> String? {
        let claims = JSONWebToken(parsing: text)?.claims ?? JSONWebToken.claims(ofSignedText: text)
        guard case .string(let id) = claims?["jti"] else { return nil }
        return RefreshToken.isID(id) ? id : nil
    }

    /// Whether a text is this token, with the signature of whoever made it.
    func isGenuine(_ text: String, _ token: RefreshToken) -> Bool {
        guard let claimed = JSONWebToken(parsing: text) else { return false }
        guard let origin = token.origin else {
            return claimed.signedText == signed(token).signedText && claimed.isGenuine(key.authenticate)
        }
        return claimed.signedText == origin.text
            && claimed.isGenuine { authenticate($0, key: origin.key) }
    }
}

extension Site {
    /// The refresh token that was sent, if it is genuine and can be used.
    ///
    /// - Throws: `AccessTokens.Refusal` or `DatabaseError`.
    func refreshToken(_ text: String) throws -> RefreshToken {
        guard let id = AccessTokens.refreshID(claimedBy: text) else { throw AccessTokens.Refusal.invalid }
        guard let token = try accounts.refreshToken(id: id) else {
            // An access token, perhaps, that is genuine: then that is what is wrong.
            let isAccessToken = accessTokens.refreshID(ofAccessToken: text, at: now()) != nil
            throw isAccessToken ? AccessTokens.Refusal.wrongType : .invalid
        }
        guard accessTokens.isGenuine(text, token) else { throw AccessTokens.Refusal.invalid }
        guard !token.isEnded else { throw AccessTokens.Refusal.ended }
        return token
    }
}

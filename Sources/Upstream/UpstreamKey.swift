internal import HTTP
internal import JWT
public import Secrets

/// The `SECRET_KEY` of a Label Studio: whoever has it can act as anybody there.
public struct UpstreamKey: Sendable {
    private let bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Seconds for which a token is valid.
    public static let lifetime: Int64 = 300

    /// What lets a request in as a person there: `Authorization: Bearer …`.
    ///
    /// - Parameters:
    ///   - user: the number of the person there.
    ///   - now: seconds since 1970.
    public func accessToken(for user: Int64, now: Int64, randomness: Randomness) -> String {
        let claims: JSON = [
            "token_type": "access", "exp": .integer(now + Self.lifetime), "iat": .integer(now),
            "jti": .string(Encoding.hexadecimal(randomness.bytes(16))), "user_id": .string("\(user)"),
        ]
        return JSONWebToken(claims: claims) { authenticate($0, key: bytes) }.text
    }
}

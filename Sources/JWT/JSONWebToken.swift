public import HTTP
internal import Secrets

/// A JSON Web Token (RFC 7519) signed with HMAC-SHA256 (RFC 7515 and 7518:
/// HS256). No other algorithm is known here, `none` neither: a header can not
/// choose how it is checked (RFC 8725, 3.1).
public struct JSONWebToken: Sendable {
    /// What it says: a JSON object without members of the same name.
    public let claims: JSON
    /// Header and claims as they are signed: `header.payload`.
    public let signedText: String
    private let signature: [UInt8]

    /// Bytes of a token; longer ones are not looked at.
    public static let lengthLimit = 4096

    /// The code over what is signed, 32 bytes, by some key (RFC 2104).
    public typealias Authenticator = (_ message: [UInt8]) -> [UInt8]

    /// Makes a token.
    public init(claims: JSON, authenticator: Authenticator) {
        self.claims = claims
        signedText = "\(Self.header).\(Encoding.base64URL(claims.encoded))"
        signature = authenticator(Array(signedText.utf8))
    }

    private static let header = Encoding.base64URL(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8))

    /// Reads a token; whether it is genuine, `isGenuine` tells. Nil if it is no
    /// token of this kind, or written in more than one way.
    public init?(parsing text: String) {
        guard let parts = Self.parts(of: text, count: 3), let claims = Self.claims(of: parts),
            let signature = Encoding.decodeBase64URL(parts[2])
        else { return nil }
        self.claims = claims
        self.signature = signature
        signedText = "\(parts[0]).\(parts[1])"
    }

    /// The claims of a token without its signature, which say nothing of who
    /// wrote them. Nil if it is none.
    public static func claims(ofSignedText text: String) -> JSON? {
        parts(of: text, count: 2).flatMap(claims)
    }

    /// Whether the holder of the key has made it. The time does not depend on
    /// the signature.
    public func isGenuine(_ authenticator: Authenticator) -> Bool {
        equalInConstantTime(authenticator(Array(signedText.utf8)), signature)
    }

    /// `header.payload.signature`.
    public var text: String { "\(signedText).\(Encoding.base64URL(signature))" }

    private static func parts(of text: String, count: Int) -> [String]? {
        guard text.utf8.count <= lengthLimit else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == count ? parts.map { String(Substring($0)) } : nil
    }

    private static func claims(of parts: [String]) -> JSON? {
        guard let header = object(parts[0]), let claims = object(parts[1]) else { return nil }
        guard header["alg"] == "HS256", header["crit"] == nil, isType(header["typ"]) else { return nil }
        return claims
    }

    /// Absent, or `JWT` in any case (RFC 7519, 5.1).
    private static func isType(_ value: JSON?) -> Bool {
        guard let value else { return true }
        guard case .string(let type) = value else { return false }
        return type.uppercased() == "JWT"
    }

    /// Nil if it is no object, or has a member twice, of which others might read
    /// the other (RFC 7519, 4).
    private static func object(_ encoded: String) -> JSON? {
        guard let bytes = Encoding.decodeBase64URL(encoded), let value = try? JSON(parsing: bytes),
            case .object(let members) = value, Set(members.map(\.name)).count == members.count
        else { return nil }
        return value
    }
}

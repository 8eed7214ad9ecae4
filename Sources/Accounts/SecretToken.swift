internal import Secrets

/// 256 random bits in a cookie or a link; the database holds their hash only.
public struct SecretToken: Sendable {
    /// As it stands in the cookie or link: 43 characters of base64url.
    public let text: String

    init(from randomness: Randomness) {
        text = Encoding.base64URL(randomness.bytes(32))
    }

    /// What somebody shows us.
    public init(claimed text: String) {
        self.text = text
    }

    /// The same, if it looks like one of ours.
    public init?(wellFormed text: String) {
        guard Encoding.decodeBase64URL(text)?.count == 32 else { return nil }
        self.text = text
    }

    /// What the database is searched for. A plain hash: nobody can guess 256 bits.
    var hash: [UInt8] {
        digest(Array(text.utf8))
    }
}

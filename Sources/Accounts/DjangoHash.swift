internal import KeyDerivation
internal import Secrets

/// The hash of a password as Django writes it:
/// `pbkdf2_sha256$iterations$salt$base64`.
struct DjangoHash {
    /// Ten times what any of its versions has used: a check must end.
    static let iterationLimit: Int32 = 10_000_000

    let iterations: Int32
    private let salt: [UInt8]
    private let derived: [UInt8]

    /// Nil if it is anything else, such as `!…` for no password at all.
    init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].elementsEqual("pbkdf2_sha256".utf8),
            let iterations = Int32(String(Substring(parts[1]))),
            (1...Self.iterationLimit).contains(iterations),
            !parts[2].isEmpty, let derived = Self.decodeBase64(parts[3]), derived.count == PBKDF2.length
        else { return nil }
        self.iterations = iterations
        salt = Array(parts[2])
        self.derived = derived
    }

    func matches(_ password: String) throws -> Bool {
        let claimed = try PBKDF2.derive(Array(password.utf8), salt: salt, iterations: iterations)
        // HMAC fills a short key up with zeros: with a NUL at its end it is the same.
        return equalInConstantTime(claimed, derived) && !password.utf8.contains(0)
    }

    /// What a check of that many iterations costs, for nothing.
    static func spend(_ iterations: Int32, on password: String) throws {
        guard iterations > 0 else { return }
        _ = try PBKDF2.derive(Array(password.utf8), salt: [0], iterations: iterations)
    }

    /// With padding, and `+` and `/` (RFC 4648, 4).
    private static func decodeBase64(_ text: Substring.UTF8View) -> [UInt8]? {
        var digits = text[...]
        while digits.last == UInt8(ascii: "=") { digits.removeLast() }
        let mapped = digits.map { byte in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "-"), UInt8(ascii: "_"): UInt8(ascii: "=")
            default: byte
            }
        }
        return Encoding.decodeBase64URL(String(decoding: mapped, as: UTF8.self))
    }
}

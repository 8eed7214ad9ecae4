internal import COpenSSL

/// PBKDF2 (RFC 8018, 5.2) with HMAC-SHA256: how other programs have made
/// hashes of passwords. We make none; what they made can be checked.
public enum PBKDF2 {
    /// The library could not do it: most likely there was no memory.
    public struct Failure: Error {}

    /// Bytes that are derived.
    public static let length = 32

    /// `PKCS5_PBKDF2_HMAC`.
    ///
    /// - Parameter iterations: at least 1; the time is proportional to them,
    ///   about 0.3 s for a million.
    public static func derive(
        _ password: [UInt8], salt: [UInt8], iterations: Int32
    ) throws(Failure) -> [UInt8] {
        let password = password.map { CChar(bitPattern: $0) }
        var derived = [UInt8](repeating: 0, count: length)
        let success = unsafe PKCS5_PBKDF2_HMAC(
            password, Int32(password.count), salt, Int32(salt.count), iterations, EVP_sha256(),
            Int32(length), &derived)
        guard success == 1 else { throw Failure() }
        return derived
    }
}

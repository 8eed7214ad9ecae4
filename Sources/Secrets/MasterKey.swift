internal import CSodium

/// The one key of an installation: 32 random bytes in a file, never in the
/// database. Every use has a subkey of its own.
public struct MasterKey: Sendable {
    /// Bytes of a key file.
    public static let length = Int(crypto_kdf_KEYBYTES)

    private let bytes: [UInt8]

    /// Nil if there are not `length` bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    /// What a subkey is for. The numbers are part of what is stored: they are
    /// never used again for anything else.
    public enum Purpose: UInt64, Sendable {
        case keyCheck = 1
        case invitation = 2
        case tokenLookup = 3
        case tokenBox = 4
        case formToken = 5
        case pseudonym = 6
        case knownBrowser = 7
        case webToken = 8
        case importBox = 20
        case upstreamPassword = 21
    }

    /// `crypto_kdf_derive_from_key`.
    public func subkey(for purpose: Purpose) -> Subkey {
        precondition(Sodium.isReady)
        var derived = [UInt8](repeating: 0, count: Subkey.length)
        unsafe derived.withUnsafeMutableBufferPointer { output in
            // Its answer only reports a length out of bounds.
            _ = unsafe crypto_kdf_derive_from_key(
                output.baseAddress!, output.count, purpose.rawValue, "accounts", bytes)
        }
        return Subkey(bytes: derived)
    }
}

/// A key for one purpose.
public struct Subkey: Sendable {
    static let length = 32
    let bytes: [UInt8]
}

internal import CSodium

extension Subkey {
    /// Keyed BLAKE2b, 32 bytes (`crypto_generichash`).
    public func hash(_ message: [UInt8]) -> [UInt8] {
        precondition(Sodium.isReady)
        return blake2b(message, key: bytes)
    }

    /// HMAC-SHA256, 32 bytes (RFC 2104; `crypto_auth_hmacsha256`).
    public func authenticate(_ message: [UInt8]) -> [UInt8] {
        precondition(Sodium.isReady)
        var code = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
        unsafe code.withUnsafeMutableBufferPointer { output in
            _ = unsafe crypto_auth_hmacsha256(
                output.baseAddress!, message, UInt64(message.count), bytes)
        }
        return code
    }
}

/// HMAC-SHA256, 32 bytes, by a key of any length that was made elsewhere (RFC
/// 2104; `crypto_auth_hmacsha256_init`).
public func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    precondition(Sodium.isReady)
    var state = crypto_auth_hmacsha256_state()
    var code = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
    unsafe code.withUnsafeMutableBufferPointer { output in
        _ = unsafe crypto_auth_hmacsha256_init(&state, key, key.count)
        _ = unsafe crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
        _ = unsafe crypto_auth_hmacsha256_final(&state, output.baseAddress!)
    }
    return code
}

/// BLAKE2b without a key, 32 bytes: for what is random enough by itself.
public func digest(_ message: [UInt8]) -> [UInt8] {
    precondition(Sodium.isReady)
    return blake2b(message, key: [])
}

/// Compares in a time that does not depend on the content (`sodium_memcmp`).
public func equalInConstantTime(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    precondition(Sodium.isReady)
    guard one.count == other.count else { return false }
    return unsafe one.withUnsafeBytes { one in
        unsafe other.withUnsafeBytes { other in
            unsafe one.isEmpty || sodium_memcmp(one.baseAddress!, other.baseAddress!, one.count) == 0
        }
    }
}

private func blake2b(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(crypto_generichash_BYTES)) { output in
        _ = unsafe crypto_generichash(
            output.baseAddress!, output.count, message, UInt64(message.count), key, key.count)
        return unsafe Array(output)
    }
}

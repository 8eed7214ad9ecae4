internal import CSodium

extension Subkey {
    /// Encrypts with XChaCha20-Poly1305; the answer begins with the nonce.
    ///
    /// - Parameter context: what the content belongs to; it opens only with the
    ///   same context (associated data).
    public func seal(_ content: [UInt8], context: [UInt8], randomness: Randomness) -> [UInt8] {
        precondition(Sodium.isReady)
        let nonce = randomness.bytes(Self.nonceLength)
        var sealed = [UInt8](repeating: 0, count: content.count + Self.tagLength)
        unsafe sealed.withUnsafeMutableBufferPointer { output in
            _ = unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
                output.baseAddress!, nil, content, UInt64(content.count),
                context, UInt64(context.count), nil, nonce, bytes)
        }
        return nonce + sealed
    }

    /// Nil if the box was made by another key, for another context, or changed.
    public func open(_ box: [UInt8], context: [UInt8]) -> [UInt8]? {
        precondition(Sodium.isReady)
        guard box.count >= Self.nonceLength + Self.tagLength else { return nil }
        let nonce = Array(box.prefix(Self.nonceLength))
        let sealed = Array(box.dropFirst(Self.nonceLength))
        var content = [UInt8](repeating: 0, count: sealed.count)
        var length: UInt64 = 0
        let failure = unsafe content.withUnsafeMutableBufferPointer { output in
            unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
                output.baseAddress!, &length, nil, sealed, UInt64(sealed.count),
                context, UInt64(context.count), nonce, bytes)
        }
        guard failure == 0 else { return nil }
        return Array(content.prefix(Int(length)))
    }

    private static var nonceLength: Int { Int(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES) }
    private static var tagLength: Int { Int(crypto_aead_xchacha20poly1305_ietf_ABYTES) }
}

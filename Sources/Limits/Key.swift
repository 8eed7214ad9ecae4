extension Budget {
    /// Whose attempts are counted: an account, an address, a network.
    ///
    /// 16 bytes, however long the text was: two SipHash values (Swift's `Hasher`)
    /// under the key that the process drew when it began. Nobody outside can
    /// compute them, so nobody can look for a text that falls on another's, and
    /// they mean nothing to another process.
    public struct Key: Sendable, Hashable {
        let first: UInt64
        let second: UInt64

        /// Texts are compared byte by byte: what counts as the same is the
        /// caller's to decide before.
        public init(_ text: String) {
            self.init(text.utf8)
        }

        public init(_ bytes: [UInt8]) {
            self.init(bytes[...])
        }

        private init(_ bytes: some Collection<UInt8>) {
            var one = Hasher()
            var other = Hasher()
            one.combine(1 as UInt8)
            other.combine(2 as UInt8)
            for byte in bytes {
                one.combine(byte)
                other.combine(byte)
            }
            first = UInt64(bitPattern: Int64(one.finalize()))
            second = UInt64(bitPattern: Int64(other.finalize()))
        }
    }
}

internal import CSodium
internal import Glibc

/// Argon2id, slow on purpose. The parameters stand in each hash.
public struct PasswordHasher: Sendable {
    /// What one hash costs.
    public struct Cost: Sendable {
        /// Bytes.
        public let memory: Int
        public let passes: UInt64

        public init(memory: Int, passes: UInt64) {
            self.memory = memory
            self.passes = passes
        }

        /// 19 MiB, 2 passes, 1 lane: OWASP Password Storage Cheat Sheet, ASVS
        /// 5.0 appendix C.
        public static let standard = Cost(memory: 19_456 * 1024, passes: 2)
    }

    private let cost: Cost

    /// A hash of a password that nobody has, made with the same cost: checking
    /// against it takes as long as checking a real one.
    public let decoy: String

    public init(cost: Cost = .standard) throws(OutOfMemory) {
        self.cost = cost
        let unknown = Encoding.hexadecimal(Randomness.system.bytes(16))
        decoy = try Self.hash(unknown, cost: cost)
    }

    /// The system could not give the memory that a hash takes.
    public struct OutOfMemory: Error {}

    /// `crypto_pwhash_str`: a string with algorithm, parameters, salt and hash.
    public func hash(_ password: String) throws(OutOfMemory) -> String {
        try Self.hash(password, cost: cost)
    }

    /// `crypto_pwhash_str_verify`. The bytes are compared exactly as given.
    public func verify(_ password: String, against hash: String) throws(OutOfMemory) -> Bool {
        precondition(Sodium.isReady)
        let bytes = password.utf8.map { CChar(bitPattern: $0) }
        errno = 0
        if unsafe crypto_pwhash_str_verify(hash, bytes, UInt64(bytes.count)) == 0 { return true }
        // It says the same of a wrong password and of memory it did not get.
        if errno == ENOMEM { throw OutOfMemory() }
        return false
    }

    /// Whether a hash was made with other parameters than today's.
    public func needsRehash(_ hash: String) -> Bool {
        precondition(Sodium.isReady)
        return unsafe crypto_pwhash_str_needs_rehash(hash, cost.passes, cost.memory) != 0
    }

    private static func hash(_ password: String, cost: Cost) throws(OutOfMemory) -> String {
        precondition(Sodium.isReady)
        let bytes = password.utf8.map { CChar(bitPattern: $0) }
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        let failure = unsafe text.withUnsafeMutableBufferPointer { output in
            unsafe crypto_pwhash_str(
                output.baseAddress!, bytes, UInt64(bytes.count), cost.passes, cost.memory)
        }
        guard failure == 0 else { throw OutOfMemory() }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

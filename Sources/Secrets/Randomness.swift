internal import CSodium

/// Where unpredictable bytes come from. A parameter, so that a test can make
/// them predictable.
public struct Randomness: Sendable {
    private let make: @Sendable (_ count: Int) -> [UInt8]

    public init(_ make: @escaping @Sendable (_ count: Int) -> [UInt8]) {
        self.make = make
    }

    /// `randombytes_buf`, seeded by the system.
    public static let system = Randomness { count in
        precondition(Sodium.isReady)
        var bytes = [UInt8](repeating: 0, count: count)
        unsafe bytes.withUnsafeMutableBytes { unsafe randombytes_buf($0.baseAddress!, count) }
        return bytes
    }

    public func bytes(_ count: Int) -> [UInt8] {
        make(count)
    }
}

internal import CSodium

/// Where unpredictable bytes come from. A parameter, so that a test can make
/// them predictable.
public struct Randomness: Sendable {
    private let make: @Sendable (_ count: Int) -> [UInt8]

    public init(_ make: @escaping @Sendable (_ count: Int) -> [UInt8]) {
        self.make = make
    }

    /// `randombytes_random`, seeded by the system. Four bytes at a time: those
    /// come from a block made before, while `randombytes_buf` makes a new key
    /// and asks the system for the process id each time.
    public static let system = Randomness { count in
        precondition(Sodium.isReady)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 3)
        while bytes.count < count {
            let four = randombytes_random()
            for shift in stride(from: 0, to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: four &>> shift))
            }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    public func bytes(_ count: Int) -> [UInt8] {
        make(count)
    }
}

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
        return unsafe [UInt8](unsafeUninitializedCapacity: (count + 3) & ~3) { bytes, initializedCount in
            for offset in stride(from: 0, to: count, by: 4) {
                unsafe UnsafeMutableRawBufferPointer(bytes).storeBytes(
                    of: randombytes_random(), toByteOffset: offset, as: UInt32.self)
            }
            initializedCount = count
        }
    }

    public func bytes(_ count: Int) -> [UInt8] {
        make(count)
    }
}

/// How long something took, each time: how often it stayed within which bound.
public struct Histogram: Sendable {
    /// Upper bounds, in nanoseconds: half a millisecond to ten seconds.
    static let bounds: [Int64] = [
        500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000,
        250_000_000,
        500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000,
    ]

    /// Of each bound, what took longer than the one before; at the end, what took
    /// longer than all.
    private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    private(set) var nanoseconds: Int64 = 0

    public init() {}

    public mutating func add(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let length = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        var index = 0
        while index < Self.bounds.count, length > Self.bounds[index] { index += 1 }
        counts[index] += 1
        nanoseconds += length
    }
}

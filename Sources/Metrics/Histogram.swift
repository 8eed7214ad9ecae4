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
    private(set) var sum: Int64 = 0

    public init() {}

    public mutating func add(nanoseconds: Int64) {
        let bounds = Self.bounds.span
        var index = 0
        while index < bounds.count, nanoseconds > bounds[index] { index += 1 }
        counts[index] += 1
        sum += nanoseconds
    }
}

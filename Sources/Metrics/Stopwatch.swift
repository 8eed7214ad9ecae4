internal import Glibc

/// How long something takes. A `ContinuousClock` counts attoseconds in 128 bits,
/// which costs more than what is often measured here.
public struct Stopwatch: Sendable {
    private let beginning = now()

    /// Starts.
    public init() {}

    /// Since it was started, in nanoseconds.
    public var nanoseconds: Int64 { Self.now() - beginning }

    /// `CLOCK_MONOTONIC`
    private static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// How often something may be tried, and how the waiting grows after that.
///
/// Nobody is locked out: each delay ends, and there is an attempt after it.
public struct Allowance: Sendable {
    let free: Int
    let firstDelay: Int
    let maximumDelay: Int
    let forgetAfter: Int

    /// - Parameters:
    ///   - free: attempts without a delay; the first delay follows the last of
    ///     them. At least 1.
    ///   - firstDelay: seconds, at least 1; each further attempt doubles them.
    ///   - maximumDelay: seconds beyond which the delay does not grow.
    ///   - forgetAfter: seconds without an attempt after which a key is new
    ///     again; no less than `maximumDelay`, or waiting would be rewarded.
    public init(free: Int, firstDelay: Int, maximumDelay: Int, forgetAfter: Int) {
        precondition(free >= 1 && firstDelay >= 1)
        precondition(maximumDelay >= firstDelay && forgetAfter >= maximumDelay)
        precondition(max(free, forgetAfter) <= Int32.max)
        self.free = free
        self.firstDelay = firstDelay
        self.maximumDelay = maximumDelay
        self.forgetAfter = forgetAfter
    }

    /// Microseconds that must pass after the last of so many attempts.
    func delay(after attempts: Int32) -> Int64 {
        let beyond = Int(attempts) - free
        guard beyond >= 0 else { return 0 }
        // Neither operand has more than 31 bits.
        return Int64(min(firstDelay << min(beyond, 31), maximumDelay)) * 1_000_000
    }

    /// Microseconds.
    var memory: Int64 { Int64(forgetAfter) * 1_000_000 }
}

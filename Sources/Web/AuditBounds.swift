internal import Limits

/// How many rows of a kind the audit gets: a flood must not fill the disk. They
/// make nobody wait, and hold without the budgets of `Throttle`, too.
public struct AuditBounds: Sendable {
    private static let minute = 60
    private static let hour = 3600

    /// Rows about limits that were reached.
    let reachedLimits = Budget(
        Allowance(free: 200, firstDelay: minute, maximumDelay: 10 * minute, forgetAfter: hour), capacity: 1)
    /// Rows about somebody who looks at the invite link: one an hour for each
    /// person and link.
    let shownInvitations = Budget(
        Allowance(free: 1, firstDelay: hour, maximumDelay: hour, forgetAfter: hour), capacity: 65_536)

    public init() {}
}

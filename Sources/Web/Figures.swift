public import HTTP
internal import Threads

/// What the site has done since the program was started, in numbers.
public final class Figures: Sendable {
    private let counts = Locked(Counts())

    public struct Counts: Sendable {
        /// By route, as in the table of routes, and status.
        public fileprivate(set) var requests: [Answer: Int] = [:]
        public fileprivate(set) var logIns: [LogInOutcome: Int] = [:]
        public fileprivate(set) var signUps: [SignUpOutcome: Int] = [:]
        public fileprivate(set) var invitations: [InvitationUse: Int] = [:]
        public fileprivate(set) var refusals: [Limit: Int] = [:]
    }

    public struct Answer: Sendable, Hashable {
        /// Its place in the table; nil for an address that is none of ours.
        let route: Int?
        public let status: Status

        /// `/projects/#`, and never what was asked for: that would be endless.
        public var routeName: String { route.map { Route.table[$0].name } ?? "other" }
    }

    public enum LogInOutcome: String, Sendable, CaseIterable {
        case succeeded
        case unknownEmail = "unknown_email"
        case wrongPassword = "wrong_password"
        case deactivated
        case removed
        case throttled
    }

    public enum SignUpOutcome: String, Sendable, CaseIterable {
        case succeeded
        /// An address or a password that is none.
        case invalid
        case emailTaken = "email_taken"
        /// Sign-up is closed, or the link is not valid (any more).
        case notAdmitted = "not_admitted"
        case throttled
    }

    public enum InvitationUse: String, Sendable, CaseIterable {
        /// The page behind a valid link was shown, to a person or to a scanner.
        case opened
        case joined
        case reset
    }

    public init() {}

    /// As they are now.
    public var current: Counts { counts.withLock { $0 } }

    func count(_ status: Status, route: Int?) {
        counts.withLock { $0.requests[Answer(route: route, status: status), default: 0] += 1 }
    }

    func count(_ outcome: LogInOutcome) {
        counts.withLock { $0.logIns[outcome, default: 0] += 1 }
    }

    func count(_ outcome: SignUpOutcome) {
        counts.withLock { $0.signUps[outcome, default: 0] += 1 }
    }

    func count(_ use: InvitationUse) {
        counts.withLock { $0.invitations[use, default: 0] += 1 }
    }

    func count(_ limit: Limit) {
        counts.withLock { $0.refusals[limit, default: 0] += 1 }
    }
}

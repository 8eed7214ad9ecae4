public import HTTP
internal import Threads

/// What the site has done since the program was started, in numbers.
public final class Figures: Sendable {
    private let counts = Locked(Counts())

    public struct Counts: Sendable {
        fileprivate var answers = [Int](repeating: 0, count: (Route.table.count + 2) * Place.statuses)
        public fileprivate(set) var logIns: [LogInOutcome: Int] = [:]
        public fileprivate(set) var signUps: [SignUpOutcome: Int] = [:]
        public fileprivate(set) var invitations: [InvitationUse: Int] = [:]
        public fileprivate(set) var refusals: [Limit: Int] = [:]
    }

    /// How often an address was answered so.
    public struct Answers: Sendable {
        /// `/projects/#`, and never what was asked for: that would be endless.
        public let route: String
        public let status: Status
        public let count: Int
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
        let place = Place.of(status, route: route)
        counts.withLock { $0.answers[place] += 1 }
    }

    func countAtGate(_ status: Status) {
        count(status, route: Place.gate)
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

/// Where a kind of answer is counted, in one list for all: every request does.
private enum Place {
    /// For each route in the order of their table, for addresses that are none of
    /// ours, and for the gate: 32 statuses of each hundred from 200 to 599.
    static let statuses = 4 * 32
    /// After those that are none of ours.
    static let gate = Route.table.count + 1

    static func of(_ status: Status, route: Int?) -> Int {
        (route ?? Route.table.count) * statuses + (status.rawValue / 100 - 2) * 32 + status.rawValue % 100
    }
}

extension Figures.Counts {
    /// Those that there were, by route.
    public var requests: [Figures.Answers] {
        let names = Route.table.map(\.name) + ["other", "gate"]
        return names.enumerated().flatMap { route, name in
            Status.allCases.compactMap { status in
                let count = answers[Place.of(status, route: route)]
                return count == 0 ? nil : Figures.Answers(route: name, status: status, count: count)
            }
        }
    }
}

internal import Accounts
internal import Web

/// Sees to it that nobody keeps a WebSocket who would not be let in any more.
/// nginx cannot end a single one: a reload ends all that are open, and the pages
/// of those who still have access make theirs anew.
struct WebSocketWatch {
    /// Between two reloads at least: each of them troubles everybody.
    static let pause: Duration = .seconds(20)
    /// What the pause grows to while people end their own sessions again and again:
    /// nobody can keep all of nginx busy by that.
    static let longestPause: Duration = .seconds(600)

    private let sockets: OpenWebSockets
    private let log: (Event) -> Void
    private let reload: () throws -> Void
    private var reloadedAt: ContinuousClock.Instant?
    /// Before a reload for those who have ended their access themselves.
    private var patience = Self.pause
    private var isBlind = false

    /// - Parameter reload: has nginx end the connections that are open now.
    init(_ sockets: OpenWebSockets, log: @escaping (Event) -> Void, reload: @escaping () throws -> Void) {
        self.sockets = sockets
        self.log = log
        self.reload = reload
    }

    mutating func look(_ accounts: Accounts, at instant: ContinuousClock.Instant = .now) {
        if let reloadedAt, instant - reloadedAt < Self.pause { return }
        let all = sockets.all
        guard !all.isEmpty, let ends = ends(of: all, accounts), !ends.isEmpty else { return }
        if !ends.contains(where: \.end.isOrdered) {
            if let reloadedAt, instant - reloadedAt < patience { return }
            let isSoon = reloadedAt.map { instant - $0 < Self.longestPause } ?? false
            patience = isSoon ? min(patience * 2, Self.longestPause) : Self.pause
        }
        reloadedAt = instant
        do {
            try reload()
        } catch {
            // They are found again the next time.
            log(Event(.error, "web-sockets-not-ended", [("error", "\(error)")]))
            return
        }
        sockets.forget(ends.map(\.access))
        for (access, end) in ends {
            log(
                Event(
                    .notice, "web-sockets-ended",
                    [("user", "\(access.user.number)"), ("reason", end.rawValue)]))
        }
    }

    /// Nil if the database does not say; that is logged once.
    private mutating func ends(
        of all: [Access], _ accounts: Accounts
    ) -> [(access: Access, end: Access.End)]? {
        do {
            let ends = try accounts.ends(of: all)
            isBlind = false
            return ends
        } catch {
            if !isBlind { log(Event(.warning, "web-sockets-not-checked", [("error", "\(error)")])) }
            isBlind = true
            return nil
        }
    }
}

extension Access.End {
    /// Whether somebody else has ended it: that does not wait.
    fileprivate var isOrdered: Bool {
        switch self {
        case .removed, .deactivated: true
        case .sessionEnded, .sessionExpired, .tokenRevoked: false
        }
    }
}

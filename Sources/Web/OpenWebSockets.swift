public import Accounts
internal import Threads

/// By what those were let in who began a WebSocket at the gate. When one ends,
/// nobody says; so an entry stays for as long as its session or token would let
/// him in, in bounded memory.
public final class OpenWebSockets: Sendable {
    private struct Table {
        /// The number says which were noted before others.
        var entries: [Access: Int] = [:]
        var next = 0
        var hasOverflown = false
    }

    private let table = Locked(Table())
    private let capacity: Int

    /// - Parameter capacity: sessions and tokens; beyond them, those that were
    ///   noted first are forgotten.
    public init(capacity: Int = 10_000) {
        self.capacity = capacity
    }

    /// - Returns: false, once, when one had to be forgotten for it.
    func note(_ access: Access) -> Bool {
        table.withLock { table in
            table.entries[access] = table.next
            table.next += 1
            guard table.entries.count > capacity else { return true }
            if let first = table.entries.min(by: { $0.value < $1.value })?.key { table.entries[first] = nil }
            defer { table.hasOverflown = true }
            return table.hasOverflown
        }
    }

    public var all: [Access] { table.withLock { Array($0.entries.keys) } }

    public func forget(_ accesses: some Sequence<Access>) {
        table.withLock { table in
            for access in accesses { table.entries[access] = nil }
        }
    }
}

extension Site {
    func noteWebSocket(_ access: Access) {
        guard !webSockets.note(access) else { return }
        log(Event(.warning, "web-sockets-forgotten", [("reason", "too many sessions have begun one")]))
    }
}

internal import Limits
internal import Threads

/// The keys that were added last, in bounded memory.
final class RecentKeys: Sendable {
    private struct Generations {
        var newer: Set<Budget.Key> = []
        var older: Set<Budget.Key> = []
    }

    private let generations = Locked(Generations())
    private let capacity: Int

    /// - Parameter capacity: at least so many of the last keys are known, at
    ///   most twice as many.
    init(capacity: Int) {
        self.capacity = capacity
    }

    func contains(_ key: Budget.Key) -> Bool {
        generations.withLock { $0.newer.contains(key) || $0.older.contains(key) }
    }

    func insert(_ key: Budget.Key) {
        generations.withLock { generations in
            guard !generations.newer.contains(key) else { return }
            if generations.newer.count >= capacity {
                generations.older = generations.newer
                generations.newer = []
            }
            generations.newer.insert(key)
        }
    }
}

internal import Threads

/// Counts attempts that could be guesses, one count for each key of one kind,
/// and makes those wait who have had many.
///
/// Instants are microseconds since an epoch of the caller's, by a clock that
/// may be set: a delay is never longer than it was meant, even if the clock
/// goes back while it lasts.
public final class Budget: Sendable {
    private let allowance: Allowance
    private let table: Locked<Table>

    /// - Parameter capacity: how many keys are remembered at most, at about 44
    ///   bytes each; memory is taken as keys come. `Table` says what goes
    ///   when there are more.
    public init(_ allowance: Allowance, capacity: Int) {
        self.allowance = allowance
        table = Locked(Table(capacity: capacity, memory: allowance.memory))
    }

    public enum Answer: Sendable, Equatable {
        case allowed
        /// Refused; another attempt is allowed after so many seconds, at least
        /// 1. `isFirst`: nobody has been told so since this delay began, so
        /// that a log gets a line for each delay and not for each request.
        case wait(seconds: Int, isFirst: Bool)
    }

    /// Asks for an attempt, and counts it before its outcome is known: of many
    /// at once, no more pass than of many in turn.
    ///
    /// A refused attempt is not counted and prolongs nothing: nobody can keep
    /// another out for longer by trying.
    public func take(_ key: Key, at instant: Int64) -> Answer {
        table.withLock { table in
            table.update(key, at: instant) { record in
                record.clamp(to: instant)
                if instant - record.last >= allowance.memory { record.attempts = 0 }
                if let seconds = delay(of: record, at: instant) {
                    defer { record.isRefusalKnown = true }
                    return .wait(seconds: seconds, isFirst: !record.isRefusalKnown)
                }
                record.attempts += 1
                record.previous = record.last
                record.last = instant
                record.isRefusalKnown = false
                return .allowed
            }
        }
    }

    /// The attempt was an honest one: as if it had not been taken.
    ///
    /// - Parameter instant: that of its `take`. If there have been others since,
    ///   what they owe stays owed from the last of them on.
    public func giveBack(_ key: Key, at instant: Int64) {
        table.withLock { table in
            table.updateIfKnown(key) { record in
                record.attempts = max(record.attempts - 1, 0)
                if record.last == instant { record.last = record.previous }
            }
        }
    }

    /// The key is new again.
    public func forget(_ key: Key) {
        table.withLock { $0.remove(key) }
    }

    /// Seconds until an attempt would be allowed; nil if it would be now. Takes
    /// nothing.
    public func delay(of key: Key, at instant: Int64) -> Int? {
        table.withLock { table in
            table.updateIfKnown(key) { record in
                record.clamp(to: instant)
                return delay(of: record, at: instant)
            } ?? nil
        }
    }

    /// How many keys are remembered, among them some that would count as new.
    public var count: Int {
        table.withLock { $0.count }
    }

    private func delay(of record: Table.Record, at instant: Int64) -> Int? {
        let rest = record.last + allowance.delay(after: record.attempts) - instant
        return rest > 0 ? Int((rest + 999_999) / 1_000_000) : nil
    }
}

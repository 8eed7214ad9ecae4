internal import Accounts
internal import Threads

/// What `/health` has found: it is looked at anew at most once a second and by
/// one at a time, so that a flood of requests costs one look.
final class Checkup: Sendable {
    private let state = Locked(State())

    private struct State {
        /// When a look began, and what it found. Until the first one it is as
        /// good as opened.
        var last: (beginning: Timestamp, isWell: Bool)?
        /// When the look began that somebody takes now.
        var current: Timestamp?
    }

    private static let memoryMicroseconds: Int64 = 1_000_000
    /// While one waits for the database, the others are told what was found
    /// last; from then on, that is not well.
    private static let patienceMicroseconds: Int64 = 5_000_000

    /// - Parameter look: whether all is well; may take long.
    func isWell(at instant: Timestamp, _ look: () -> Bool) -> Bool {
        let known: Bool? = state.withLock { state in
            if let last = state.last, isWithin(Self.memoryMicroseconds, last.beginning, instant) {
                return last.isWell
            }
            if let current = state.current {
                return (state.last?.isWell ?? true) && isWithin(Self.patienceMicroseconds, current, instant)
            }
            state.current = instant
            return nil
        }
        if let known { return known }
        let isWell = look()
        state.withLock { state in
            state.last = (instant, isWell)
            state.current = nil
        }
        return isWell
    }

    /// Whether an instant is no longer after another; a clock can be set back.
    private func isWithin(_ microseconds: Int64, _ beginning: Timestamp, _ instant: Timestamp) -> Bool {
        (0..<microseconds).contains(instant.microseconds - beginning.microseconds)
    }
}

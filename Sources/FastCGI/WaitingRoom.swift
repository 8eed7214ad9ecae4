internal import Glibc
internal import Threads

/// Where connections stay whose request has arrived in part, so that no worker
/// has to wait for the rest.
///
/// A web server sends a request at once; what stays here longer than that is a
/// fault of the peer, and is dropped.
final class WaitingRoom: Sendable {
    /// How long a request may take to arrive.
    private static let patience = Duration.seconds(5)
    /// Between two looks, in microseconds.
    private static let pause: UInt32 = 2_000

    private struct Guest {
        let connection: Connection
        /// It has had its answer, and only has to take leave.
        let isLeaving: Bool
        let deadline = ContinuousClock.now + patience
    }

    private let arrivals = WorkQueue<Guest>(capacity: .max)
    private let admit: @Sendable (Connection) -> Void
    private let drop: @Sendable (Connection) -> Void

    /// - Parameters:
    ///   - admit: takes a connection whose request has arrived.
    ///   - drop: takes one whose peer has gone, or has used up our patience.
    init(admit: @escaping @Sendable (Connection) -> Void, drop: @escaping @Sendable (Connection) -> Void) {
        self.admit = admit
        self.drop = drop
    }

    func add(_ connection: Connection) {
        _ = arrivals.push(Guest(connection: connection, isLeaving: false))
    }

    /// Takes a connection that was answered before all of its request had come.
    func addLeaving(_ connection: Connection) {
        _ = arrivals.push(Guest(connection: connection, isLeaving: true))
    }

    /// Ends `run`.
    func close() {
        arrivals.close()
    }

    /// Looks after the connections; for a thread of its own.
    func run() {
        var waiting: [Guest] = []
        while !arrivals.isClosed {
            // With nobody here, it waits for the first to come.
            while let guest = waiting.isEmpty ? arrivals.pop() : arrivals.popIfAny() { waiting.append(guest) }
            usleep(Self.pause)
            waiting.removeAll { $0.isLeaving ? isGone($0) : isServed($0) }
        }
    }

    private func isServed(_ guest: Guest) -> Bool {
        switch guest.connection.look() {
        case .ready:
            admit(guest.connection)
            return true
        case .incomplete where ContinuousClock.now < guest.deadline:
            return false
        case .incomplete, .long, .malformed, nil:
            drop(guest.connection)
            return true
        }
    }

    private func isGone(_ guest: Guest) -> Bool {
        guard guest.connection.discard() || ContinuousClock.now >= guest.deadline else { return false }
        drop(guest.connection)
        return true
    }
}

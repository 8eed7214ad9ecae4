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
    private static let pause: UInt32 = 10_000

    private let arrivals = WorkQueue<Connection>(capacity: .max)
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
        _ = arrivals.push(connection)
    }

    /// Ends `run`.
    func close() {
        arrivals.close()
    }

    /// Looks after the connections; for a thread of its own.
    func run() {
        var waiting: [(connection: Connection, deadline: ContinuousClock.Instant)] = []
        while !arrivals.isClosed {
            // With nobody here, it waits for the first to come.
            while let arrival = waiting.isEmpty ? arrivals.pop() : arrivals.popIfAny() {
                waiting.append((arrival, .now + Self.patience))
            }
            usleep(Self.pause)
            waiting.removeAll { connection, deadline in
                switch connection.look() {
                case .ready:
                    admit(connection)
                    return true
                case .incomplete where ContinuousClock.now < deadline:
                    return false
                case .incomplete, .malformed, nil:
                    drop(connection)
                    return true
                }
            }
        }
    }
}

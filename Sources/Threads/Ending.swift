internal import Glibc

/// That something ends, as what threads wait for: alone, or beside a descriptor.
public final class Ending: Sendable {
    /// A pair of sockets that nothing is written to: when one end is closed, the
    /// other one hangs up for good.
    private let reading: Int32
    private let writing: Locked<Int32?>

    public init() {
        var ends: [Int32] = [-1, -1]
        let failure = unsafe socketpair(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
        precondition(failure == 0, "the system has no descriptors left")
        reading = ends[0]
        writing = Locked(ends[1])
    }

    deinit {
        come()
        close(reading)
    }

    /// From now on, everybody who waits goes on.
    public func come() {
        writing.withLock { writing in
            if let descriptor = writing { close(descriptor) }
            writing = nil
        }
    }

    /// Waits until a descriptor has something to read.
    ///
    /// - Returns: false if the end has come instead.
    public func wait(orInputOn descriptor: Int32) -> Bool {
        var waiting = [
            pollfd(fd: reading, events: 0, revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while unsafe poll(&waiting, 2, -1) <= 0 {}
        return waiting[0].revents == 0
    }

    /// Waits for so long.
    ///
    /// - Returns: whether the end has come.
    public func wait(_ limit: Duration) -> Bool {
        let deadline = ContinuousClock.now + limit
        while true {
            let rest = (deadline - ContinuousClock.now) / .milliseconds(1)
            var waiting = pollfd(fd: reading, events: 0, revents: 0)
            let count = unsafe poll(&waiting, 1, Int32(min(max(rest.rounded(.up), 0), 3_600_000)))
            if count > 0 { return true }
            if rest <= 0 { return false }
        }
    }
}

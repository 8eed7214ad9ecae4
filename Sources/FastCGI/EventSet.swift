internal import CFastCGI
internal import Glibc

/// A set of descriptors to wait on: `epoll(7)`, and an `eventfd(2)` that wakes
/// every waiting thread for good.
///
/// It does not own the connections in it: whoever adds one keeps it alive until
/// it is closed, which takes it out of the set.
final class EventSet: Sendable {
    private let descriptor: Int32
    private let wake: Int32

    enum Event {
        case listener
        case connection(Connection)
        case wake
    }

    // The marks of what is no connection; a connection's is its address.
    private static let listenerMark: UInt64 = 0
    private static let wakeMark: UInt64 = 1

    init() {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        precondition(descriptor >= 0 && wake >= 0, "the system has no descriptors left")
        control(EPOLL_CTL_ADD, wake, events: UInt32(epoll_event_in()), mark: Self.wakeMark)
    }

    deinit {
        close(wake)
        close(descriptor)
    }

    /// One connection attempt wakes one thread, not all.
    func add(listener: Int32) {
        let events = UInt32(epoll_event_in()) | epoll_event_exclusive()
        control(EPOLL_CTL_ADD, listener, events: events, mark: Self.listenerMark)
    }

    func remove(listener: Int32) {
        control(EPOLL_CTL_DEL, listener, events: 0, mark: 0)
    }

    /// Waits for the next byte on a connection, once; false if the system has
    /// no memory for it.
    func add(_ connection: Connection) -> Bool {
        connection.handOver()
        return tryControl(
            EPOLL_CTL_ADD, connection.descriptor, events: Self.parked, mark: mark(of: connection))
    }

    /// Waits for the next byte on a connection that was added before.
    func rearm(_ connection: Connection) {
        connection.handOver()
        control(EPOLL_CTL_MOD, connection.descriptor, events: Self.parked, mark: mark(of: connection))
    }

    /// Hands a connection to a worker at once, whether a byte waits on it or
    /// not: its socket can be written to.
    func ready(_ connection: Connection) {
        connection.handOver()
        let events = Self.parked | UInt32(epoll_event_out())
        control(EPOLL_CTL_MOD, connection.descriptor, events: events, mark: mark(of: connection))
    }

    func wakeAll() {
        _ = eventfd_write(wake, 1)
    }

    func wait() -> Event {
        var event = unsafe epoll_event()
        while unsafe epoll_wait(descriptor, &event, 1, -1) != 1 {}
        let mark = unsafe event.data.u64
        switch mark {
        case Self.listenerMark: return .listener
        case Self.wakeMark: return .wake
        default:
            // A connection waits only while it is open, and open ones are alive.
            let address = unsafe UnsafeRawPointer(bitPattern: UInt(mark))!
            let connection = unsafe Unmanaged<Connection>.fromOpaque(address).takeUnretainedValue()
            connection.takeOver()
            return .connection(connection)
        }
    }

    private static var parked: UInt32 {
        UInt32(epoll_event_in() | epoll_event_hang_up()) | epoll_event_once()
    }

    private func mark(of connection: Connection) -> UInt64 {
        unsafe UInt64(UInt(bitPattern: Unmanaged.passUnretained(connection).toOpaque()))
    }

    private func control(_ operation: Int32, _ target: Int32, events: UInt32, mark: UInt64) {
        let isDone = tryControl(operation, target, events: events, mark: mark)
        precondition(isDone, "epoll_ctl: \(errno)")
    }

    private func tryControl(_ operation: Int32, _ target: Int32, events: UInt32, mark: UInt64) -> Bool {
        var event = unsafe epoll_event(events: events, data: epoll_data_t(u64: mark))
        return unsafe epoll_ctl(descriptor, operation, target, &event) == 0
    }
}

internal import CFastCGI
internal import Glibc

/// A set of descriptors to wait on: `epoll(7)`, and an `eventfd(2)` that wakes
/// every waiting thread for good.
final class EventSet: Sendable {
    private let descriptor: Int32
    private let wake: Int32

    enum Event {
        case listener
        /// The number that the connection was added with.
        case connection(UInt64)
        case wake
    }

    private static let listenerMark = UInt64.max
    private static let wakeMark = UInt64.max - 1

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

    /// Waits for the next byte on a connection, once.
    func add(connection: Int32, mark: UInt64) {
        control(EPOLL_CTL_ADD, connection, events: Self.parked, mark: mark)
    }

    /// Waits for the next byte on a connection that was added before.
    func rearm(connection: Int32, mark: UInt64) {
        control(EPOLL_CTL_MOD, connection, events: Self.parked, mark: mark)
    }

    func wakeAll() {
        _ = eventfd_write(wake, 1)
    }

    func wait() -> Event {
        var event = unsafe epoll_event()
        while unsafe epoll_wait(descriptor, &event, 1, -1) != 1 {}
        let mark = unsafe event.data.u64
        return switch mark {
        case Self.listenerMark: .listener
        case Self.wakeMark: .wake
        default: .connection(mark)
        }
    }

    private static var parked: UInt32 {
        UInt32(epoll_event_in() | epoll_event_hang_up()) | epoll_event_once()
    }

    private func control(_ operation: Int32, _ target: Int32, events: UInt32, mark: UInt64) {
        var event = unsafe epoll_event(events: events, data: epoll_data_t(u64: mark))
        let failure = unsafe epoll_ctl(descriptor, operation, target, &event)
        precondition(failure == 0, "epoll_ctl: \(errno)")
    }
}

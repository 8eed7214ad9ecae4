public import Glibc

/// A value that one thread at a time may touch.
///
/// Inlinable, so that other modules have code for their own values: generic code
/// that finds out sizes as it runs costs more than the lock.
///
/// A lock over `pthread_mutex_t`: the thread sanitizer understands it, which it
/// does not `Synchronization.Mutex` on this platform.
@safe
public final class Locked<Value>: @unchecked Sendable {
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline var value: Value

    public init(_ value: Value) {
        self.value = value
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        let failure = unsafe pthread_mutex_init(mutex, nil)
        precondition(failure == 0)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Runs `body` while no other thread can; `body` must not come back here.
    @inlinable public func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&value)
    }

    /// The same, unless other threads keep the value for so long.
    ///
    /// - Returns: nil if they do; `body` did not run then.
    @inlinable public func withLock<Result, Failure: Error>(
        waiting patience: Duration, _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard isTaken(within: patience) else { return nil }
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&value)
    }

    /// `pthread_mutex_timedlock`, which goes by the time of day: if that is set
    /// meanwhile, the wait is another one.
    @usableFromInline func isTaken(within patience: Duration) -> Bool {
        var deadline = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &deadline)
        let (seconds, attoseconds) = patience.components
        let nanoseconds = deadline.tv_nsec + Int(attoseconds / 1_000_000_000)
        deadline.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
        deadline.tv_nsec = nanoseconds % 1_000_000_000
        return unsafe pthread_mutex_timedlock(mutex, &deadline) == 0
    }
}

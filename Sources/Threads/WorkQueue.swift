public import Glibc

/// A first-in, first-out queue between threads, with a bound.
///
/// `push` never waits: a full queue is the caller's to answer for. `pop` waits.
@safe
public final class WorkQueue<Element>: @unchecked Sendable {
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline let changed: UnsafeMutablePointer<pthread_cond_t>
    @usableFromInline var elements: [Element?] = []
    @usableFromInline var first = 0
    @usableFromInline var hasEnded = false
    @usableFromInline let capacity: Int

    /// - Parameter capacity: how many elements may wait; those that a thread
    ///   has taken do not count.
    public init(capacity: Int) {
        self.capacity = capacity
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe changed = .allocate(capacity: 1)
        unsafe changed.initialize(to: pthread_cond_t())
        let failure = unsafe pthread_mutex_init(mutex, nil) | pthread_cond_init(changed, nil)
        precondition(failure == 0)
    }

    deinit {
        unsafe pthread_cond_destroy(changed)
        unsafe changed.deallocate()
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Adds an element at the end; false if the queue is full or closed.
    @inlinable public func push(_ element: sending Element) -> Bool {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        guard !hasEnded, elements.count - first < capacity else { return false }
        elements.append(element)
        unsafe pthread_cond_signal(changed)
        return true
    }

    /// Takes the first element, waiting for one; nil when the queue is closed
    /// and empty.
    @inlinable public func pop() -> Element? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while first == elements.count {
            if hasEnded { return nil }
            unsafe pthread_cond_wait(changed, mutex)
        }
        return takeFirst()
    }

    /// Takes the first element; nil if there is none now.
    @inlinable public func popIfAny() -> Element? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return first == elements.count ? nil : takeFirst()
    }

    @inlinable func takeFirst() -> Element? {
        let element = elements[first]
        elements[first] = nil
        first += 1
        // Forgets the places of those that were taken, now and then.
        if first == elements.count {
            elements.removeAll(keepingCapacity: true)
            first = 0
        } else if first > 1024 {
            elements.removeFirst(first)
            first = 0
        }
        return element
    }

    /// How many elements wait.
    public var count: Int {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return elements.count - first
    }

    public var isClosed: Bool {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return hasEnded
    }

    /// No further element is taken in; those that wait are still handed out.
    public func close() {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        hasEnded = true
        unsafe pthread_cond_broadcast(changed)
    }
}

internal import Glibc

/// A thread of the operating system, over `pthread_create`.
public struct Thread: Sendable {
    private let handle: pthread_t

    /// Starts `body` on a new thread.
    public init(_ body: @escaping @Sendable () -> Void) {
        let start = unsafe Unmanaged.passRetained(Start(body: body))
        var created = pthread_t()
        let failure = unsafe pthread_create(
            &created, nil,
            { argument in
                unsafe Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        precondition(failure == 0, "the system refuses another thread: \(failure)")
        handle = created
    }

    /// Nobody will wait for it: what the system keeps of it goes when it ends. To be
    /// called once, instead of `join`.
    public func detach() {
        pthread_detach(handle)
    }

    /// Waits until the thread has ended. To be called once.
    public func join() {
        pthread_join(handle, nil)
    }

    private final class Start: Sendable {
        let body: @Sendable () -> Void

        init(body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}

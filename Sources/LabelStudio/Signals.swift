internal import Glibc

/// Signals as something to wait for, on the main thread.
struct Signals {
    private var set = sigset_t()

    enum Arrival {
        /// SIGINT, SIGTERM: somebody wants the program to end.
        case stop
        /// SIGHUP: somebody has closed its terminal, or wants a service to read
        /// its configuration again.
        case hangUp
        /// SIGCHLD: a child has ended.
        case child
        /// Nothing came for the time that was given.
        case nothing
    }

    /// Holds the signals back, in this thread and in those that it starts
    /// afterwards: they are taken by `wait`.
    init() {
        unsafe sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGCHLD] { unsafe sigaddset(&set, signal) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// `sigtimedwait`.
    func wait(seconds: Int) -> Arrival {
        var set = set
        var timeout = timespec(tv_sec: seconds, tv_nsec: 0)
        while true {
            let signal = unsafe sigtimedwait(&set, nil, &timeout)
            if signal == SIGCHLD { return .child }
            if signal == SIGHUP { return .hangUp }
            if signal > 0 { return .stop }
            if errno == EAGAIN { return .nothing }
        }
    }
}

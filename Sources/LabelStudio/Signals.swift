internal import Glibc

/// Signals as something to wait for, on the main thread.
struct Signals {
    private var set = sigset_t()

    enum Arrival {
        /// SIGINT, SIGTERM, SIGHUP: somebody wants the program to end, or has
        /// closed its terminal.
        case stop
        /// SIGCHLD: a child has ended.
        case child
    }

    /// Holds the signals back, in this thread and in those that it starts
    /// afterwards: they are taken by `wait`.
    init() {
        unsafe sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGCHLD] { unsafe sigaddset(&set, signal) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// `sigwait`.
    func wait() -> Arrival {
        var set = set
        var signal: Int32 = 0
        while unsafe sigwait(&set, &signal) != 0 {}
        return signal == SIGCHLD ? .child : .stop
    }
}

internal import Glibc
internal import Threads
internal import Web

/// A thread of its own that sees whether requests are still being answered, and
/// tells the service manager only then. When it is not told for as long as it
/// has said, it ends us and starts us again.
final class Watchdog: Sendable {
    private let ending = Ending()
    private let thread: Thread

    /// For how long the manager waits for a sign of life; nil if it expects none
    /// from us (sd_watchdog_enabled(3)).
    static func patience(_ environment: [String: String]) -> Duration? {
        guard let text = environment["WATCHDOG_USEC"], let microseconds = Int64(text), microseconds > 0 else {
            return nil
        }
        if let process = environment["WATCHDOG_PID"], Int32(process) != getpid() { return nil }
        return .microseconds(microseconds)
    }

    /// Starts checking, after a fifth of that time and for a fifth at most: if one
    /// answer does not come, two fifths are left for the next.
    ///
    /// - Parameters:
    ///   - answers: whether a request is answered within a time.
    ///   - log: is told when none was.
    init(
        patience: Duration, manager: ServiceManager, answers: @escaping @Sendable (Duration) -> Bool,
        log: @escaping @Sendable (Event) -> Void
    ) {
        let pause = patience / 5
        thread = Thread { [ending] in
            while !ending.wait(pause) {
                if answers(pause) {
                    manager.tell(.alive)
                } else {
                    let milliseconds = Int(pause / .milliseconds(1))
                    log(Event(.error, "not-answering", [("milliseconds", "\(milliseconds)")]))
                }
            }
        }
    }

    func stop() {
        ending.come()
        thread.join()
    }
}

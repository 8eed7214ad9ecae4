internal import Glibc
internal import Web

/// The service manager that has started us, systemd above all, and what it is
/// told: sd_notify(3), a datagram each, which needs no library.
struct ServiceManager: Sendable {
    private let address: UnixAddress

    enum State {
        /// Requests are answered; also at the end of a reload.
        case ready
        /// The configuration is read again.
        case reloading
        /// No request is taken any more; those in progress are finished.
        case stopping
        /// Requests are still being answered.
        case alive

        var assignments: String {
            switch self {
            case .ready: "READY=1"
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(ServiceManager.monotonicMicroseconds)"
            case .stopping: "STOPPING=1"
            case .alive: "WATCHDOG=1"
            }
        }
    }

    /// Takes the variable out of the environment, so that no child speaks for
    /// us: to be called before there are other threads.
    ///
    /// - Returns: nil if there is none, or if it names no unix socket.
    static func take(_ environment: [String: String]) -> ServiceManager? {
        unsafe unsetenv("NOTIFY_SOCKET")
        guard let path = environment["NOTIFY_SOCKET"], !path.isEmpty else { return nil }
        guard path.hasPrefix("/") || path.hasPrefix("@"), let address = UnixAddress(path) else {
            Terminal.note(
                "label-studio: NOTIFY_SOCKET is ignored: \(path) is no path of a unix socket", .warning)
            return nil
        }
        return ServiceManager(address: address)
    }

    /// - Parameter status: a sentence for `systemctl status`.
    func tell(_ state: State, status: String? = nil) {
        let text = state.assignments + (status.map { "\nSTATUS=\($0)" } ?? "")
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        let count = unsafe address.withPointer { address, length in
            unsafe sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length)
        }
        guard count != bytes.count else { return }
        let failure = Files.Failure("its socket")
        Terminal.note("label-studio: the service manager cannot be told \(state): \(failure)", .error)
    }

    /// `CLOCK_MONOTONIC`, by which systemd knows what was before and after.
    private static var monotonicMicroseconds: Int {
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
    }
}

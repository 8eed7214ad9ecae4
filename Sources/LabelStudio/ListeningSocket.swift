internal import Glibc

/// The socket on which the web server reaches the responder.
struct ListeningSocket {
    let descriptor: Int32
    /// The file that we made and remove at the end; nil if there is none.
    private let path: String?

    /// How many connections may wait to be accepted: at 1024, 1,000 clients at
    /// once were refused some.
    private static let backlog: Int32 = 4096

    /// Makes a unix socket that owner and group can use.
    init(path: String) throws(Service.Failure) {
        guard let address = UnixAddress(path) else {
            throw Service.Failure(line: "the path of the socket is too long: \(path)")
        }
        try Self.removeStale(path, address)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let isBound = unsafe address.withPointer { unsafe bind(descriptor, $0, $1) == 0 }
        guard isBound, unsafe chmod(path, 0o660) == 0, listen(descriptor, Self.backlog) == 0 else {
            let failure = Files.Failure(path)
            Glibc.close(descriptor)
            throw Service.Failure(line: "the socket cannot be made: \(failure)")
        }
        self.descriptor = descriptor
        self.path = path
    }

    /// Listens where only this machine reaches it.
    init(loopback host: String, port: UInt16) throws(Service.Failure) {
        guard let descriptor = Port.listen(host, port: port) else {
            throw Service.Failure(
                line: "\(host):\(port) cannot be listened on: \(Files.Failure("the port")); "
                    + "choose another with --metrics, and start again")
        }
        self.descriptor = descriptor
        path = nil
    }

    /// The socket that systemd, or whoever started us, has opened for the web
    /// server: the first that is passed and not for the figures, or standard
    /// input, where FastCGI expects it. Nil if there is none.
    init?(inheritedIn environment: [String: String]) {
        let candidates = Passed(environment).forRequests.prefix(1) + [STDIN_FILENO]
        guard let found = candidates.first(where: Self.isListening) else { return nil }
        descriptor = found
        path = nil
    }

    /// The one that is passed for the figures (`FileDescriptorName=metrics`).
    init?(inheritedForMetricsIn environment: [String: String]) {
        guard let passed = Passed(environment).forMetrics, Self.isListening(passed) else { return nil }
        descriptor = passed
        path = nil
    }

    /// The descriptors that are passed to this process: sd_listen_fds_with_names(3).
    struct Passed {
        private(set) var forRequests: [Int32] = []
        private(set) var forMetrics: Int32?

        init(_ environment: [String: String]) {
            guard environment["LISTEN_PID"].flatMap(Int32.init) == getpid(),
                let count = environment["LISTEN_FDS"].flatMap(Int32.init), count > 0
            else { return }
            let names = (environment["LISTEN_FDNAMES"] ?? "").split(
                separator: ":", omittingEmptySubsequences: false)
            for index in 0..<min(count, 64) {
                let isForMetrics = Int(index) < names.count && names[Int(index)] == "metrics"
                if isForMetrics { forMetrics = 3 + index } else { forRequests.append(3 + index) }
            }
        }
    }

    /// Ends the socket; an inherited one stays open for a successor.
    func close() {
        guard let path else { return }
        unsafe unlink(path)
        Glibc.close(descriptor)
    }

    /// A socket file that nobody listens on is left over from a crash.
    private static func removeStale(_ path: String, _ address: UnixAddress) throws(Service.Failure) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw Service.Failure(line: "\(path) is there already and is no socket")
        }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(probe) }
        let isAnswered = unsafe address.withPointer { unsafe connect(probe, $0, $1) == 0 }
        let failure = errno
        guard !isAnswered else {
            throw Service.Failure(line: "\(path): another process listens there; stop it first")
        }
        // Whatever else went wrong does not say that nobody listens.
        guard failure == ECONNREFUSED else { throw Service.Failure(line: "\(Files.Failure(path, failure))") }
        unsafe unlink(path)
    }

    private static func isListening(_ descriptor: Int32) -> Bool {
        var accepts: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &length) == 0
            && accepts != 0
    }
}

internal import Glibc

/// The nginx that belongs to this process.
final class NginxProcess {
    private let configuration: NginxConfiguration
    private let process: pid_t
    private var isGone = false

    static func executable() -> String? {
        ChildProcess.find("nginx")
    }

    /// Starts nginx. The kernel ends it when we end, however we end:
    /// PR_SET_PDEATHSIG, set by setpriv(1).
    init(_ configuration: NginxConfiguration) throws(Service.Failure) {
        self.configuration = configuration
        guard let executable = Self.executable() else {
            throw Service.Failure(line: "nginx is not installed")
        }
        let nginx = [executable, "-c", configuration.file, "-p", configuration.directory]
        guard let wrapper = ChildProcess.find("setpriv") else {
            throw Service.Failure(line: "setpriv is not installed: apt-get install util-linux")
        }
        guard let process = ChildProcess.spawn(wrapper, ["setpriv", "--pdeathsig", "TERM"] + nginx) else {
            throw Service.Failure(line: "\(executable) cannot be started")
        }
        self.process = process
    }

    /// Whether it has ended by itself.
    var hasEnded: Bool {
        var status: Int32 = 0
        if !isGone, unsafe waitpid(process, &status, WNOHANG) == process {
            isGone = true
            // Workers outlive a master that was killed, and keep the port.
            kill(-process, SIGTERM)
        }
        return isGone
    }

    /// Waits until it answers; false if it ends instead, or takes too long.
    func waitUntilReady() -> Bool {
        for _ in 0..<2_000 {
            if hasEnded { return false }
            let (host, port) = configuration.probe
            if Port.isReached(host, port: port) { return true }
            usleep(5_000)
        }
        return false
    }

    /// SIGHUP: new workers take its place; the old ones answer the requests in flight
    /// and end, after `worker_shutdown_timeout` with whatever is open.
    func reload() {
        if !hasEnded { kill(process, SIGHUP) }
    }

    /// SIGQUIT: it answers the requests in flight, and ends.
    ///
    /// - Returns: whether it did; if not in time, all of it is killed.
    func stop() -> Bool {
        guard !hasEnded else { return true }
        kill(process, SIGQUIT)
        for _ in 0..<1_500 where !hasEnded { usleep(10_000) }
        if hasEnded { return true }
        kill(-process, SIGKILL)
        var status: Int32 = 0
        unsafe waitpid(process, &status, 0)
        isGone = true
        return false
    }
}

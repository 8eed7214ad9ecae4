internal import Accounts
internal import FastCGI
internal import Glibc
internal import Web

/// `label-studio start`: the responder and an nginx in front of it, until a
/// signal ends both, or one of them ends by itself.
enum StartCommand {
    static func run(_ configuration: Configuration) throws -> Int32 {
        let signals = Signals()
        let nginx = NginxConfiguration(configuration)
        // First of all: where another start is running, nothing is touched.
        try Files.makeDirectory(nginx.directory)
        let listener = try ListeningSocket(path: nginx.socket)
        defer { listener.close() }
        try nginx.write()
        let service = try Service(configuration, isFirstStartAllowed: true)
        if let line = try service.provision(configuration) { Terminal.print(line) }
        let site = CurrentSite(try service.site(configuration, on: service.accounts))
        let responder = service.responder(site, listener: listener.descriptor)
        service.log.start()
        defer { service.log.stop() }
        let metrics = service.metrics(configuration, of: responder)
        defer { metrics?.stop() }
        responder.start()
        defer { responder.stop() }

        let process = try NginxProcess(nginx)
        guard process.waitUntilReady() else {
            _ = process.stop()
            throw Service.Failure(line: "nginx did not start: \(nginx.lastError)")
        }
        try announce(configuration, service)
        let watch = service.watch(site)
        defer { watch?.stop() }
        var rounds = Rounds(service, reload: process.reload)
        while true {
            switch signals.wait(seconds: Rounds.pause) {
            case .stop, .hangUp:
                // nginx first: it finishes the requests in flight.
                if process.stop() { return 0 }
                Terminal.note("label-studio: nginx did not end by itself and was killed", .error)
                return 1
            case .child where process.hasEnded:
                Terminal.note("label-studio: nginx has ended: \(nginx.lastError)", .error)
                return 1
            case .child:
                continue
            case .nothing:
                rounds.go(service)
            }
        }
    }

    /// Everything about this machine that can be found wrong before anything
    /// is started.
    static func faults(_ configuration: Configuration) -> [String] {
        var faults: [String] = []
        do {
            try Files.makeDirectory(configuration.dataDirectory)
            try Files.checkWritable(configuration.dataDirectory)
        } catch {
            faults.append("the data directory cannot be used: \(error)")
        }
        if !Port.isFree(configuration.listenAddress, port: configuration.port) {
            faults.append(
                "\(configuration.listenAddress):\(configuration.port) cannot be listened on: the port is in use, "
                    + "or the address is not this machine's; choose another with --port or --internal-host")
        }
        if NginxProcess.executable() == nil {
            faults.append("nginx is not installed: apt-get install nginx-light")
        }
        let nginx = NginxConfiguration(configuration)
        if !nginx.socketFits {
            faults.append(
                "the path of the data directory is too long for a socket: \(configuration.dataDirectory)")
        }
        if nginx.hasDollar {
            faults.append(
                "a path with a dollar sign cannot be used with nginx: \(configuration.dataDirectory)")
        }
        return faults
    }

    private static func announce(_ configuration: Configuration, _ service: Service) throws {
        let address = address(configuration)
        Terminal.print("Label Studio accounts are ready: \(address)")
        Terminal.print("Database: \(configuration.database)")
        let isEmpty = try service.accounts.organization() == nil
        if configuration.isSignUpOpen {
            Terminal.print(
                "Sign-up is open: anyone who reaches this address can register. To close it, set "
                    + "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true")
        } else if isEmpty {
            Terminal.print(
                "Sign-up is closed and nobody has an account yet: set LABEL_STUDIO_USERNAME and "
                    + "LABEL_STUDIO_PASSWORD and start again, or get a one-time link by: label-studio invite show"
            )
        }
        noteThrottle(configuration)
        if getuid() == 0 {
            Terminal.note(
                "label-studio: running as root, nginx included; an ordinary user is enough", .warning)
        }
        Terminal.print("Press Ctrl-C to stop.")
        if configuration.opensBrowser { Browser.open(address + "/") }
    }

    /// Loudly: without limits, a password is found by trying.
    static func noteThrottle(_ configuration: Configuration) {
        guard !configuration.isThrottled else { return }
        Terminal.note(
            "label-studio: WARNING: LABEL_STUDIO_THROTTLE=off: nothing here limits the guessing of passwords. "
                + "Use this only behind a gateway that does.", .warning)
    }

    /// Where this machine's own browser finds the site.
    private static func address(_ configuration: Configuration) -> String {
        if let address = configuration.publicAddress { return address.origin + address.prefix }
        let isAny = ["0.0.0.0", "::", "127.0.0.1", "::1"].contains(configuration.listenAddress)
        let host =
            configuration.listenAddress.contains(":")
            ? "[\(configuration.listenAddress)]" : configuration.listenAddress
        return "http://\(isAny ? "localhost" : host):\(configuration.port)"
    }
}

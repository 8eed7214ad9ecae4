internal import FastCGI
internal import Web

/// `label-studio fastcgi`: the responder alone, until a signal ends it.
enum FastCGICommand {
    /// - Parameter read: reads the configuration again.
    static func run(_ configuration: Configuration, again read: () throws -> Configuration) throws -> Int32 {
        let signals = Signals()
        let environment = SettingValues.environment()
        let manager = ServiceManager.take(environment)
        let listener = try listeningSocket(configuration)
        defer { listener.close() }
        var configuration = configuration
        var service = try Service(configuration, isFirstStartAllowed: true)
        if let line = try service.provision(configuration) { Terminal.note(line, .notice) }
        let site = CurrentSite(try service.site(configuration, on: service.accounts))
        let responder = service.responder(site, listener: listener.descriptor)
        Terminal.note("Database: \(configuration.database)")
        StartCommand.noteThrottle(configuration)
        service.log.start()
        defer { service.log.stop() }
        let metrics = service.metrics(configuration, of: responder)
        defer { metrics?.stop() }
        responder.start()
        let answers = { @Sendable (limit: Duration) in
            responder.answers(site.value.versionTarget, within: limit)
        }
        guard answers(.seconds(30)) else {
            throw Service.Failure(line: "the responder does not answer the request of its own start")
        }
        manager?.tell(.ready, status: "Answering requests")
        let watchdog = manager.flatMap { manager in
            Watchdog.patience(environment).map { patience in
                Watchdog(patience: patience, manager: manager, answers: answers) { [log = service.log] in
                    log.write($0)
                }
            }
        }
        let watch = service.watch(site)
        defer { watch?.stop() }
        let request = ReloadRequest(in: configuration.dataDirectory) { [log = service.log] in log.write($0) }
        request.beginAnew()
        var rounds = Rounds(service, reload: request.make, lookAlso: { request.look(areOpen: $0) })
        loop: while true {
            switch signals.wait(seconds: Rounds.pause) {
            case .stop: break loop
            case .hangUp:
                manager?.tell(.reloading, status: "Reading the configuration again")
                let isDone = service.reload(&configuration, of: site, read: read)
                manager?.tell(.ready, status: "Answering requests" + (isDone ? "" : oldConfiguration))
            case .child: continue
            case .nothing: rounds.go(service)
            }
        }
        watchdog?.stop()
        manager?.tell(.stopping, status: "Finishing the requests in progress")
        responder.stop()
        return 0
    }

    private static let oldConfiguration =
        " with the old configuration: the log says what is wrong with the new one"

    private static func listeningSocket(_ configuration: Configuration) throws -> ListeningSocket {
        if let path = configuration.socket { return try ListeningSocket(path: Files.absolute(path)) }
        if let inherited = ListeningSocket(inheritedIn: SettingValues.environment()) { return inherited }
        throw Service.Failure(
            line: "no socket was inherited: give one with --socket PATH, or let systemd open it")
    }
}

internal import FastCGI

/// `label-studio fastcgi`: the responder alone, until a signal ends it.
enum FastCGICommand {
    static func run(_ configuration: Configuration) throws -> Int32 {
        let signals = Signals()
        let manager = ServiceManager.take(SettingValues.environment())
        let listener = try listeningSocket(configuration)
        defer { listener.close() }
        let service = try Service(configuration, isFirstStartAllowed: true)
        if let line = try service.provision(configuration) { Terminal.note(line) }
        let responder = try service.responder(configuration, listener: listener.descriptor)
        Terminal.note("Database: \(configuration.database)")
        StartCommand.noteThrottle(configuration)
        service.log.start()
        defer { service.log.stop() }
        responder.start()
        manager?.tell(.ready, status: "Answering requests")
        loop: while true {
            switch signals.wait(seconds: Service.tidyingInterval) {
            case .stop: break loop
            case .child: continue
            case .nothing: service.tidy()
            }
        }
        manager?.tell(.stopping, status: "Finishing the requests in progress")
        responder.stop()
        return 0
    }

    private static func listeningSocket(_ configuration: Configuration) throws -> ListeningSocket {
        if let path = configuration.socket { return try ListeningSocket(path: Files.absolute(path)) }
        if let inherited = ListeningSocket(inheritedIn: SettingValues.environment()) { return inherited }
        throw Service.Failure(
            line: "no socket was inherited: give one with --socket PATH, or let systemd open it")
    }
}

internal import Web

/// What is done beside answering requests, every few seconds, on the main thread.
struct Rounds {
    /// In seconds.
    static let pause = 3
    private static let tidyingInterval: Duration = .seconds(3600)

    private let sockets: OpenWebSockets
    private let lookAlso: (Bool) -> Void
    private var watch: WebSocketWatch
    private var tidiedAt = ContinuousClock.now

    /// - Parameters:
    ///   - reload: has nginx end the connections that are open now.
    ///   - lookAlso: is told each time whether there may be open WebSockets.
    init(
        _ service: Service, reload: @escaping () throws -> Void,
        lookAlso: @escaping (Bool) -> Void = { _ in }
    ) {
        sockets = service.webSockets
        self.lookAlso = lookAlso
        watch = WebSocketWatch(sockets, log: { [log = service.log] in log.write($0) }, reload: reload)
    }

    mutating func go(_ service: Service) {
        lookAlso(!sockets.all.isEmpty)
        watch.look(service.accounts)
        if ContinuousClock.now - tidiedAt >= Self.tidyingInterval {
            service.tidy()
            tidiedAt = .now
        }
    }
}

import FastCGI
import Glibc
import HTTP
import Threads

/// A responder on a socket of its own.
final class Server: Sendable {
    let path: String
    let responder: Responder
    private let directory: TemporaryDirectory
    let listener: Int32
    private let isStopped = Locked(false)

    init(
        _ limits: Responder.Limits = Responder.Limits(),
        lane: @escaping @Sendable (Request) -> Lane = { _ in .ordinary },
        mayBringFile: @escaping @Sendable (HTTP.Method, String) -> Bool = { _, _ in false },
        answerAtOnce: (@Sendable (Request) -> Answer)? = nil,
        answer: @escaping @Sendable (Request) -> Response
    ) throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/s"
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = unixAddress(path)
        let failure = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        precondition(failure == 0 && listen(listener, 4096) == 0, "no socket: \(errno)")
        var atOnce: (@Sendable (consuming Request) -> Answer)?
        if let answerAtOnce { atOnce = { request in answerAtOnce(request) } }
        responder = Responder(
            listener: listener, limits: limits,
            handler: Responder.Handler(
                answer: answer, answerAtOnce: atOnce, lane: lane,
                refuse: { _ in Response(.serviceUnavailable, body: Array("refused".utf8)) },
                mayBringFile: mayBringFile))
        responder.start()
    }

    func client() -> Client {
        Client(of: self)
    }

    /// The connections of all clients must be closed, or it takes as long as `drainSeconds`.
    func stop() {
        let wasStopped = isStopped.withLock { isStopped in
            defer { isStopped = true }
            return isStopped
        }
        if !wasStopped { responder.stop() }
    }

    deinit {
        stop()
        Glibc.close(listener)
    }
}

/// Answers with what was sent.
let echo: @Sendable (Request) -> Response = { request in
    switch request.body {
    case .complete(let body):
        Response(.ok, contentType: "text/plain", body: Array(request.target.utf8) + [10] + body)
    case .tooLarge: Response(.contentTooLarge, body: Array("too large".utf8))
    case .cutOff: Response(.badRequest, body: Array("cut off".utf8))
    }
}

internal import CFastCGI
internal import Glibc

extension Responder {
    /// Asks itself, as the web server would, and waits for the answer.
    ///
    /// The request is a real one: a worker has to be free, reads its records,
    /// and the site answers. Only the listening socket has no part in it: we
    /// may not be allowed to connect to it, and when many wait there already,
    /// that is no reason to be ended.
    ///
    /// - Parameter target: something that needs no database and no password.
    /// - Returns: whether a whole answer that is no failure came in time.
    public func answers(_ target: String, within limit: Duration) -> Bool {
        let end = ContinuousClock.now + limit
        var pair: [Int32] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0
        else { return false }
        defer { close(pair[0]) }
        return adopt(pair[1]) && Self.answers(target, on: pair[0], until: end)
    }

    /// The same of a responder at the other end of a connection.
    public static func answers(_ target: String, on socket: Int32, until end: ContinuousClock.Instant) -> Bool
    {
        let request = OwnRequest.records(target: target)
        // So little fits into the socket at once.
        guard unsafe send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return false
        }
        return receive(from: socket, until: end).map(OwnRequest.isAnswered) ?? false
    }

    /// All that comes until the other end closes; nil if that takes too long.
    private static func receive(from descriptor: Int32, until end: ContinuousClock.Instant) -> [UInt8]? {
        var received: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let rest = (end - ContinuousClock.now) / .milliseconds(1)
            guard rest > 0 else { return nil }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&waiting, 1, Int32(rest.rounded(.up))) > 0 else { continue }
            let count = unsafe recv(descriptor, &part, part.count, Int32(MSG_DONTWAIT))
            if count == 0 { return received }
            if count > 0 { received += part[..<count] } else if errno != EAGAIN, errno != EINTR { return nil }
        }
    }
}

/// The web server's side of one request (FastCGI specification 1.0, 3).
private enum OwnRequest {
    private static let beginRequest: UInt8 = 1
    private static let endRequest: UInt8 = 3
    private static let parameters: UInt8 = 4
    private static let input: UInt8 = 5
    private static let output: UInt8 = 6

    static func records(target: String) -> [UInt8] {
        // A responder (1) that closes the connection after its answer (no flag).
        record(beginRequest, [0, 1, 0, 0, 0, 0, 0, 0])
            + record(
                parameters,
                pair("REQUEST_METHOD", "GET") + pair("REQUEST_URI", target) + pair("HTTP_HOST", "localhost"))
            + record(parameters, []) + record(input, [])
    }

    private static func record(_ kind: UInt8, _ content: [UInt8]) -> [UInt8] {
        [1, kind, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 0xff), 0, 0] + content
    }

    /// Names and values of less than 128 bytes.
    private static func pair(_ name: String, _ value: String) -> [UInt8] {
        [UInt8(name.utf8.count), UInt8(value.utf8.count)] + Array(name.utf8) + Array(value.utf8)
    }

    /// Whether the records hold a whole answer to it that is no failure.
    static func isAnswered(_ records: [UInt8]) -> Bool {
        var rest = records[...]
        var answer: [UInt8] = []
        var isEnded = false
        while rest.count >= 8 {
            let head = Array(rest.prefix(8))
            let length = Int(head[4]) << 8 | Int(head[5])
            rest = rest.dropFirst(8)
            guard head[0] == 1, !isEnded, rest.count >= length + Int(head[6]) else { return false }
            let content = rest.prefix(length)
            if head[1] == output { answer += content }
            // FCGI_REQUEST_COMPLETE.
            if head[1] == endRequest { isEnded = content.dropFirst(4).first == 0 }
            rest = rest.dropFirst(length + Int(head[6]))
        }
        guard isEnded, rest.isEmpty else { return false }
        let text = String(decoding: answer, as: UTF8.self)
        return text.hasPrefix("Status: ") && !text.hasPrefix("Status: 5")
            && text.utf8.contains("\r\n\r\n".utf8)
    }
}

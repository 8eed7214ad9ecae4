internal import Glibc

/// One request for the figures and its answer, on one connection (RFC 9112).
struct MetricsExchange {
    private let descriptor: Int32
    private let end = ContinuousClock.now + patience

    /// For the whole of it: nobody holds the one thread for longer.
    private static let patience = Duration.seconds(2)
    /// Bytes of a request's head.
    private static let headLimit = 8192

    /// - Parameter descriptor: an accepted connection, closed at the end of `answer`.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    func answer(_ text: () -> String) {
        defer { close(descriptor) }
        guard let head = receiveHead() else { return }
        send(Self.response(to: head, text))
        // Were it closed with bytes unread, the answer could get lost.
        shutdown(descriptor, Int32(SHUT_WR))
        var rest: [UInt8] = []
        while receive(into: &rest) { rest.removeAll(keepingCapacity: true) }
    }

    static func response(to head: [UInt8], _ text: () -> String) -> [UInt8] {
        guard head.count < headLimit else { return response("431 Request Header Fields Too Large", "") }
        let line = String(decoding: head.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return response("400 Bad Request", "") }
        let path = words[1].prefix { $0 != "?" }
        guard words[0] == "GET" || words[0] == "HEAD", path == "/metrics" else {
            return response("404 Not Found", "Figures are at /metrics.\n")
        }
        return response("200 OK", text(), withoutBody: words[0] == "HEAD")
    }

    private static func response(_ status: String, _ body: String, withoutBody: Bool = false) -> [UInt8] {
        let head =
            "HTTP/1.1 \(status)\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
            + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
        return Array(head.utf8) + (withoutBody ? [] : Array(body.utf8))
    }

    /// All until the empty line, or as much as is read at most; nil if it does
    /// not come.
    private func receiveHead() -> [UInt8]? {
        var head: [UInt8] = []
        while head.count < Self.headLimit, !head.contains("\r\n\r\n".utf8) {
            guard receive(into: &head) else { return nil }
        }
        return head
    }

    /// False if nothing more comes, or not in time.
    private func receive(into bytes: inout [UInt8]) -> Bool {
        var part = [UInt8](repeating: 0, count: 4096)
        while wait(for: POLLIN) {
            let count = unsafe recv(descriptor, &part, part.count, 0)
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count > 0 else { return false }
            bytes += part[..<count]
            return true
        }
        return false
    }

    private func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty, wait(for: POLLOUT) {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// False if it takes too long.
    private func wait(for event: Int32) -> Bool {
        while true {
            let rest = (end - ContinuousClock.now) / .milliseconds(1)
            guard rest > 0 else { return false }
            var waiting = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            if unsafe poll(&waiting, 1, Int32(rest.rounded(.up))) > 0 { return true }
        }
    }
}

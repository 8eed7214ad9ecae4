internal import HTTP

/// Where the figures are read: nowhere that others than this machine reach.
enum MetricsAddress: Equatable {
    /// The path of a unix socket.
    case unix(String)
    case loopback(host: String, port: UInt16)

    static let expected =
        "unix:PATH, a path, or a port that only this machine reaches such as 127.0.0.1:9464 or [::1]:9464; "
        + "a path has 107 bytes at most"

    /// Nil if it is none of these; an address that others reach is refused.
    init?(parsing text: String) {
        if text.hasPrefix("/") || text.hasPrefix("unix:") {
            let path = text.hasPrefix("/") ? text : String(text.dropFirst("unix:".count))
            guard path.hasPrefix("/"), UnixAddress(path) != nil else { return nil }
            self = .unix(path)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            port > 0
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        if host == "localhost" { host = "127.0.0.1" }
        guard let address = IPAddress(host), address.isLoopback else { return nil }
        self = .loopback(host: host, port: port)
    }
}

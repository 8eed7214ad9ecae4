internal import HTTP

/// Where the site behind the gate listens: a port, or a unix socket. There is no
/// path, and no TLS: both stand behind the same nginx.
public struct UpstreamAddress: Sendable, Equatable, CustomStringConvertible {
    enum Place: Sendable, Equatable {
        case port(host: String, UInt16)
        /// The path of a unix socket.
        case unix(String)
    }

    let place: Place

    /// What `init` understands.
    public static let expected =
        "an address such as http://127.0.0.1:8081, without a path, or unix:/run/labels.sock"

    /// Nil if it is neither.
    public init?(parsing text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count))
            guard path.hasPrefix("/"), path.utf8.count <= Self.pathLimit else { return nil }
            place = .unix(path)
            return
        }
        guard text.lowercased().hasPrefix("http://") else { return nil }
        var authority = text.dropFirst("http://".count)
        if authority.last == "/" { authority = authority.dropLast() }
        guard let (host, port) = Self.parts(of: authority) else { return nil }
        place = .port(host: host, port)
    }

    /// Bytes of a path that fit into `sockaddr_un`, without the NUL.
    private static let pathLimit = 107

    /// Host and port; without a port it is that of HTTP.
    private static func parts(of authority: Substring) -> (host: String, port: UInt16)? {
        let end = authority.hasPrefix("[") ? authority.firstIndex(of: "]").map(authority.index(after:)) : nil
        let colon = authority[(end ?? authority.startIndex)...].firstIndex(of: ":")
        let host = authority[..<(colon ?? authority.endIndex)].lowercased()
        let port = colon.map { UInt16(authority[authority.index(after: $0)...]) ?? 0 } ?? 80
        guard port > 0 else { return nil }
        if host.hasPrefix("[") {
            guard end == colon ?? authority.endIndex, IPAddress(String(host.dropFirst().dropLast())) != nil
            else { return nil }
            return (host, port)
        }
        let isName = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "-._".utf8.contains(byte)
            }
        }
        return isName && !host.isEmpty ? (host, port) : nil
    }

    /// As it is written, always in the same way.
    public var description: String {
        switch place {
        case .port(let host, let port): "http://\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// The same as nginx reads it in the `server` line of an upstream block.
    public var nginxAddress: String {
        switch place {
        case .port(let host, let port): "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// The port that it listens on; nil: none.
    public var port: UInt16? {
        guard case .port(_, let port) = place else { return nil }
        return port
    }

    /// Whether only this machine reaches it, as far as the address says.
    public var isLocal: Bool {
        switch place {
        case .unix: true
        case .port("localhost", _): true
        case .port(let host, _):
            IPAddress(host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host)?.isLoopback ?? false
        }
    }
}

internal import Glibc
internal import Threads

/// A small HTTP server on a real socket, which says what a test wants it to say:
/// one request to a connection.
public final class CannedServer: Sendable {
    /// What it sends before it closes the connection.
    public enum Reply: Sendable {
        /// These bytes, as they are.
        case bytes(String)
        /// The same text again and again, for as long as it is taken.
        case endless(String, String)
        /// Nothing, for as long as the other side waits.
        case silence

        public static func page(_ body: String, status: Int = 200, _ fields: String...) -> Reply {
            let header = ["HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)"] + fields
            return .bytes(header.joined(separator: "\r\n") + "\r\n\r\n" + body)
        }
    }

    /// The port; nil: a unix socket.
    public let port: UInt16?
    private let listener: Int32
    private let taken = Locked<[String]>([])
    private let reply: @Sendable (_ request: String) -> Reply

    /// The requests so far, whole.
    public var requests: [String] { taken.withLock { $0 } }

    /// - Parameter path: of a unix socket; nil: a port on 127.0.0.1.
    public init(at path: String? = nil, _ reply: @escaping @Sendable (_ request: String) -> Reply) {
        self.reply = reply
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let socket = Glibc.socket(path == nil ? AF_INET : AF_UNIX, kind, 0)
        listener = socket
        var isBound = false
        if let path {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
            isBound = Self.bind(socket, &address)
            port = nil
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            isBound = Self.bind(socket, &address)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            unsafe withUnsafeMutablePointer(to: &address) { address in
                unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = unsafe getsockname(socket, $0, &length)
                }
            }
            port = UInt16(bigEndian: address.sin_port)
        }
        precondition(isBound && listen(socket, 64) == 0, "no socket: \(errno)")
        let taken = taken
        let accepting = Thread {
            while true {
                let connection = accept(socket, nil, nil)
                guard connection >= 0 else {
                    // Here alone: the number would be another server's at once.
                    close(socket)
                    return
                }
                Thread {
                    Self.serve(connection, taken, reply)
                    close(connection)
                }.detach()
            }
        }
        accepting.detach()
    }

    deinit {
        // Wakes the thread that accepts.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private static func bind<Address>(_ socket: Int32, _ address: inout Address) -> Bool {
        unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.bind(socket, $0, socklen_t(MemoryLayout<Address>.size)) == 0
            }
        }
    }

    private static func serve(
        _ connection: Int32, _ taken: Locked<[String]>, _ reply: (String) -> Reply
    ) {
        let request = read(connection)
        taken.withLock { $0.append(request) }
        switch reply(request) {
        case .bytes(let text): _ = write(connection, text)
        case .endless(let head, let part):
            guard write(connection, head) else { return }
            while write(connection, part) {}
        case .silence:
            var byte: UInt8 = 0
            while unsafe recv(connection, &byte, 1, 0) > 0 {}
        }
    }

    /// One request, with as much of a body as it announces.
    private static func read(_ connection: Int32) -> String {
        var text = ""
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe recv(connection, &part, part.count, 0)
            guard count > 0 else { return text }
            text += String(decoding: part[..<count], as: UTF8.self)
            guard let head = text.firstRange(of: "\r\n\r\n") else { continue }
            let length = text.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
                .flatMap { Int($0.dropFirst("Content-Length: ".count)) }
            if text[head.upperBound...].utf8.count >= length ?? 0 { return text }
        }
    }

    private static func write(_ connection: Int32, _ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

import Glibc

/// A FastCGI client as small as it can be: the web server's side of the
/// protocol (FastCGI specification 1.0, 3).
@safe
final class Client: @unchecked Sendable {
    private let descriptor: Int32
    private var isClosed = false
    /// Stopping it waits for its clients, so it must not end before them.
    private let server: Server

    struct Answer {
        /// The head, with its empty line.
        let head: String
        let body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// A wait that would never end is a failure after this.
    private static let patienceSeconds = 20

    init(of server: Server) {
        self.server = server
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = unixAddress(server.path)
        let failure = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        precondition(failure == 0, "connect: \(errno)")
    }

    deinit {
        close()
    }

    func close() {
        if !isClosed { Glibc.close(descriptor) }
        isClosed = true
    }

    func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends a whole request.
    func send(
        _ method: String = "GET", _ target: String = "/", _ more: [String: String] = [:], body: [UInt8] = [],
        keepsConnection: Bool = true
    ) {
        var parameters = ["REQUEST_METHOD": method, "REQUEST_URI": target]
        if !body.isEmpty { parameters["CONTENT_LENGTH"] = "\(body.count)" }
        parameters.merge(more) { $1 }
        write(Self.request(parameters, body: body, keepsConnection: keepsConnection))
    }

    static func request(_ parameters: [String: String], body: [UInt8], keepsConnection: Bool) -> [UInt8] {
        var bytes = record(1, [0, 1, keepsConnection ? 1 : 0, 0, 0, 0, 0, 0])
        var encoded: [UInt8] = []
        for (name, value) in parameters {
            encoded +=
                length(name.utf8.count) + length(value.utf8.count) + Array(name.utf8) + Array(value.utf8)
        }
        bytes += record(4, encoded) + record(4, [])
        var rest = body[...]
        while !rest.isEmpty {
            bytes += record(5, Array(rest.prefix(10_000)))
            rest = rest.dropFirst(10_000)
        }
        return bytes + record(5, [])
    }

    static func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        [1, type, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 255), 0, 0] + content
    }

    private static func length(_ count: Int) -> [UInt8] {
        if count < 128 { return [UInt8(count)] }
        return (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) | ($0 == 0 ? 0x80 : 0) }
    }

    /// Reads one answer to its end; nil if the connection ends before, or
    /// nothing comes.
    func receive() -> Answer? {
        var output: [UInt8] = []
        while let header = read(8) {
            let count = Int(header[4]) << 8 | Int(header[5])
            guard let content = read(count), read(Int(header[6])) != nil else { return nil }
            switch header[1] {
            case 6: output += content
            case 3:
                let end = output.firstRange(of: [13, 10, 13, 10])?.upperBound ?? output.endIndex
                return Answer(
                    head: String(decoding: output[..<end], as: UTF8.self), body: Array(output[end...]))
            default: continue
            }
        }
        return nil
    }

    /// Whether the other side has closed the connection, having sent nothing more.
    func isEnded() -> Bool {
        var byte: UInt8 = 0
        return unsafe recv(descriptor, &byte, 1, 0) == 0 || errno == ECONNRESET
    }

    private func read(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var part = [UInt8](repeating: 0, count: count - bytes.count)
            let received = unsafe recv(descriptor, &part, part.count, 0)
            guard received > 0 else { return nil }
            bytes += part.prefix(received)
        }
        return bytes
    }
}

func unixAddress(_ path: String) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
    return address
}

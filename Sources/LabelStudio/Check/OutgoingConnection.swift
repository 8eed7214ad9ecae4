internal import Glibc

/// A TCP connection to a server, which gets five seconds for each step.
final class OutgoingConnection {
    let descriptor: Int32
    /// The address that was reached.
    let address: String

    private static let patience = 5

    struct Failure: Error {
        /// What the system says.
        let reason: String
    }

    /// Tries the addresses of a name in their order.
    init(host: String, port: UInt16) throws(Failure) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, "\(port)", &hints, &found)
        guard code == 0 else {
            throw Failure(reason: "the name is not found: \(unsafe String(cString: gai_strerror(code)))")
        }
        defer { unsafe freeaddrinfo(found) }
        var reason = ""
        var next = unsafe found
        while let info = unsafe next {
            let address = unsafe Self.text(info)
            if let descriptor = unsafe Self.connected(info) {
                self.descriptor = descriptor
                self.address = address
                return
            }
            reason += (reason.isEmpty ? "" : "; ") + "\(Files.Failure(address))"
            unsafe next = info.pointee.ai_next
        }
        throw Failure(reason: reason)
    }

    deinit {
        close(descriptor)
    }

    /// The addresses of this machine by which others may reach it (getifaddrs(3)), as
    /// they stand in a URL.
    static func ownAddresses() -> [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&first) == 0 else { return [] }
        defer { unsafe freeifaddrs(first) }
        var found: [String] = []
        var next = unsafe first
        while let entry = unsafe next {
            unsafe next = entry.pointee.ifa_next
            guard unsafe entry.pointee.ifa_flags & UInt32(IFF_LOOPBACK) == 0,
                let address = unsafe entry.pointee.ifa_addr
            else { continue }
            switch unsafe Int32(address.pointee.sa_family) {
            case AF_INET: found.append(unsafe text(address, socklen_t(MemoryLayout<sockaddr_in>.size)))
            case AF_INET6:
                let text = unsafe text(address, socklen_t(MemoryLayout<sockaddr_in6>.size))
                // Those of one link carry its name, and stand in no URL.
                if !text.contains("%") { found.append("[\(text)]") }
            default: continue
            }
        }
        return found
    }

    func write(_ bytes: [UInt8]) -> Bool {
        unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// What comes next; empty at the end, nil if the connection fails.
    func read() -> [UInt8]? {
        var part = [UInt8](repeating: 0, count: 4096)
        let count = unsafe recv(descriptor, &part, part.count, 0)
        return count < 0 ? nil : Array(part[..<count])
    }

    /// - Returns: nil, with `errno`, if nobody is reached.
    private static func connected(_ info: UnsafeMutablePointer<addrinfo>) -> Int32? {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = unsafe socket(info.pointee.ai_family, kind, 0)
        guard descriptor >= 0 else { return nil }
        // SO_SNDTIMEO bounds connect, too (socket(7)).
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        if unsafe connect(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0 {
            return descriptor
        }
        let code = errno == EINPROGRESS ? ETIMEDOUT : errno
        close(descriptor)
        errno = code
        return nil
    }

    private static func text(_ info: UnsafeMutablePointer<addrinfo>) -> String {
        unsafe text(info.pointee.ai_addr, info.pointee.ai_addrlen)
    }

    private static func text(_ address: UnsafeMutablePointer<sockaddr>, _ length: socklen_t) -> String {
        let size = Int(NI_MAXHOST)
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { text in
            let code = unsafe getnameinfo(
                address, length, text.baseAddress, socklen_t(size), nil, 0,
                NI_NUMERICHOST)
            return code == 0 ? unsafe String(cString: text.baseAddress!) : ""
        }
    }
}

internal import Glibc

/// TCP ports of this machine, looked at before and while nginx uses them.
enum Port {
    /// Whether somebody could listen on this address and port.
    static func isFree(_ host: String, port: UInt16) -> Bool {
        unsafe withSocket(host, port, AI_PASSIVE) { descriptor, address, length in
            var yes: Int32 = 1
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
            return unsafe bind(descriptor, address, length) == 0 && Glibc.listen(descriptor, 1) == 0
        }
    }

    /// A socket that listens there; nil, with `errno`, if there cannot be one.
    static func listen(_ host: String, port: UInt16) -> Int32? {
        var listener: Int32 = -1
        _ = unsafe withSocket(host, port, AI_PASSIVE) { descriptor, address, length in
            var yes: Int32 = 1
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
            guard unsafe bind(descriptor, address, length) == 0, Glibc.listen(descriptor, 16) == 0
            else { return false }
            listener = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            return true
        }
        return listener < 0 ? nil : listener
    }

    /// Whether a server answers there.
    static func isReached(_ host: String, port: UInt16) -> Bool {
        unsafe withSocket(host, port, 0) { descriptor, address, length in
            unsafe connect(descriptor, address, length) == 0
        }
    }

    /// Runs `body` with a socket for an address; false if there is none.
    private static func withSocket(
        _ host: String, _ port: UInt16, _ flags: Int32,
        _ body: (Int32, UnsafeMutablePointer<sockaddr>?, socklen_t) -> Bool
    ) -> Bool {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICHOST | flags
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, "\(port)", &hints, &found) == 0, let info = unsafe found else {
            return false
        }
        defer { unsafe freeaddrinfo(info) }
        let descriptor = unsafe socket(info.pointee.ai_family, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return unsafe body(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen)
    }
}

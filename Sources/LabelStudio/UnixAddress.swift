internal import Glibc

/// The address of a unix socket: unix(7).
struct UnixAddress {
    private var address = sockaddr_un()
    private let length: socklen_t

    /// Nil if the path does not fit.
    ///
    /// - Parameter path: a path, or a name of Linux's abstract sockets, which
    ///   begins with `@` where people write it.
    init?(_ path: String) {
        var bytes = Array(path.utf8)
        let isAbstract = bytes.first == UInt8(ascii: "@")
        if isAbstract { bytes[0] = 0 }
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        // A path ends with a NUL; a name is as long as it is said to be.
        let head = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)!
        length = socklen_t(head + bytes.count + (isAbstract ? 0 : 1))
    }

    /// As `bind`, `connect` and `sendto` take it.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe withUnsafePointer(to: address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
        }
    }
}

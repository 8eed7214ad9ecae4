internal import Glibc

/// An IPv4 or IPv6 address.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes. An IPv4 address that is written as an IPv6 one
    /// (`::ffff:192.0.2.1`) is the IPv4 address.
    let bytes: [UInt8]
    public let description: String

    /// `inet_pton`; nil if it is no address.
    public init?(_ text: String) {
        // The system would not see what stands behind a NUL.
        guard !text.utf8.contains(0) else { return nil }
        var buffer = [UInt8](repeating: 0, count: 16)
        if unsafe inet_pton(AF_INET, text, &buffer) == 1 {
            bytes = Array(buffer.prefix(4))
        } else if unsafe inet_pton(AF_INET6, text, &buffer) == 1 {
            let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
            bytes = buffer.starts(with: mapped) ? Array(buffer.dropFirst(12)) : buffer
        } else {
            return nil
        }
        description = text
    }

    /// What one subscriber has at least: an IPv4 address (4 bytes), or the /64
    /// of an IPv6 one (8 bytes; RFC 6177).
    public var network: [UInt8] {
        bytes.count == 4 ? bytes : Array(bytes.prefix(8))
    }

    /// 127.0.0.0/8 and ::1.
    public var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
    }
}

/// An address or a network in CIDR notation (RFC 4632).
public struct IPNetwork: Sendable, Hashable {
    private let base: [UInt8]
    private let prefixLength: Int

    /// "192.0.2.1", "192.0.2.0/24", "2001:db8::/32"; nil if it is none of these.
    /// A network of IPv4 addresses is written as such, not as `::ffff:…/96`.
    public init?(_ text: String) {
        let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) ?? text.endIndex
        guard let address = IPAddress(String(text[..<slash])) else { return nil }
        base = address.bytes
        guard slash != text.endIndex else {
            prefixLength = base.count * 8
            return
        }
        let isMapped = base.count == 4 && text.utf8.contains(UInt8(ascii: ":"))
        let digits = text.utf8[slash...].dropFirst()
        guard !isMapped, digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            let length = Int(Substring(digits)), length <= base.count * 8
        else { return nil }
        prefixLength = length
    }

    public func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == base.count else { return false }
        for (index, (one, other)) in zip(base, address.bytes).enumerated() {
            let bits = min(max(prefixLength - 8 * index, 0), 8)
            let mask = UInt8(truncatingIfNeeded: 0xff00 >> bits)
            if one & mask != other & mask { return false }
        }
        return true
    }
}

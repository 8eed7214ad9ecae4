public import HTTP
internal import Synchronization

/// How the outside world reaches the site: by setting, or by what the web
/// server and the proxies that we trust have seen.
public final class Addresses: Sendable {
    private let configured: PublicAddress?
    private let trustedProxies: [IPNetwork]
    private let hasHinted = Atomic(false)

    /// - Parameters:
    ///   - configured: decides everything, if it is set.
    ///   - trustedProxies: only from these are `X-Forwarded-*` believed.
    public init(configured: PublicAddress?, trustedProxies: [IPNetwork]) {
        self.configured = configured
        self.trustedProxies = trustedProxies
    }

    func address(of request: Request) -> PublicAddress {
        let peer = IPAddress(request.remoteAddress)
        let header = request.header
        let isTrusted = peer.map(isTrusted) ?? false
        var address = configured ?? seen(request, throughProxy: isTrusted)
        if isTrusted {
            address.client = client(forwardedFor: header.forwardedFor, peer: peer)
        } else {
            address.client = peer
            let isForwarded =
                header.forwardedFor != nil || header.forwardedHost != nil || header.forwardedProto != nil
            if isForwarded, peer?.isLoopback ?? false { address.hint = hint() }
        }
        return address
    }

    private func seen(_ request: Request, throughProxy isTrusted: Bool) -> PublicAddress {
        let header = request.header
        let scheme = isTrusted ? lastElement(header.forwardedProto) ?? request.scheme : request.scheme
        let host = isTrusted ? lastElement(header.forwardedHost) ?? header.host : header.host
        return PublicAddress(
            isSecure: scheme.lowercased() == "https",
            host: host.flatMap(PublicAddress.validHost) ?? "localhost", prefixSegments: [])
    }

    /// The rightmost address that is no proxy of ours: what stands left of it
    /// was written by whoever stands there.
    private func client(forwardedFor: String?, peer: IPAddress?) -> IPAddress? {
        let hops = (forwardedFor ?? "").split(separator: ",").map { $0.filter { $0 != " " } }
        for hop in hops.reversed() {
            guard let address = IPAddress(hop) else { return peer }
            if !isTrusted(address) { return address }
        }
        return peer
    }

    private func isTrusted(_ address: IPAddress) -> Bool {
        trustedProxies.contains { $0.contains(address) }
    }

    /// The element that the nearest proxy added.
    private func lastElement(_ field: String?) -> String? {
        guard let last = field?.split(separator: ",").last else { return nil }
        let value = last.filter { $0 != " " }
        return value.isEmpty ? nil : value
    }

    /// Once: a proxy on this machine tells us something that we may not believe.
    private func hint() -> Event? {
        guard !hasHinted.exchange(true, ordering: .relaxed) else { return nil }
        return Event(
            .warning, "proxy-not-trusted",
            [
                (
                    "advice",
                    "a proxy or tunnel on this machine sends X-Forwarded headers, which are ignored; "
                        + "set LABEL_STUDIO_TRUSTED_PROXIES=127.0.0.1,::1 if it is yours"
                )
            ])
    }
}

/// Scheme, host and sub-path under which people reach the site.
public struct PublicAddress: Sendable {
    public let isSecure: Bool
    /// With the port, if it is not the scheme's own; in lower case.
    public let host: String
    /// The segments of the sub-path; none at the root of a host.
    public let prefixSegments: [String]
    /// Who is asking, as far as we believe it.
    var client: IPAddress?
    var hint: Event?

    init(isSecure: Bool, host: String, prefixSegments: [String]) {
        self.isSecure = isSecure
        self.host = Self.withoutDefaultPort(host.lowercased(), isSecure: isSecure)
        self.prefixSegments = prefixSegments
    }

    /// Reads `https://example.org:8443/labels`; nil if it is no such address.
    public init?(parsing text: String) {
        let lowered = text.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lowered.hasPrefix) else { return nil }
        let rest = text.dropFirst(scheme.utf8.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let host = Self.validHost(String(rest[..<slash])), !rest.contains("?"), !rest.contains("#"),
            let path = Path(parsing: slash == rest.endIndex ? "/" : rest[slash...])
        else { return nil }
        self.init(isSecure: scheme == "https://", host: host, prefixSegments: path.segments)
    }

    /// `/labels`, or "" at the root; encoded.
    public var prefix: String {
        prefixSegments.map { "/" + PercentCoding.encodePath($0) }.joined()
    }

    /// `https://example.org:8443`: what browsers send as `Origin`.
    public var origin: String {
        (isSecure ? "https://" : "http://") + host
    }

    /// Whether the host names the machine itself: useless to anybody else.
    public var isLocal: Bool {
        let name =
            host.hasPrefix("[") ? host.split(separator: "]")[0].dropFirst() : host.split(separator: ":")[0]
        return name == "localhost" || IPAddress(String(name))?.isLoopback ?? false
    }

    /// A host name, address or bracketed address, with an optional port.
    static func validHost(_ text: String) -> String? {
        guard !text.isEmpty, text.utf8.count <= 255 else { return nil }
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: ".-_:[]".utf8.contains(byte)
            }
        }
        guard isPlain else { return nil }
        let port: Substring?
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]"), IPAddress(String(text[..<close].dropFirst())) != nil
            else { return nil }
            let rest = text[text.index(after: close)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2, !parts[0].isEmpty, !text.contains("["), !text.contains("]") else {
                return nil
            }
            port = parts.count == 2 ? parts[1] : nil
        }
        if let port, UInt16(port) == nil { return nil }
        return text
    }

    private static func withoutDefaultPort(_ host: String, isSecure: Bool) -> String {
        let port = isSecure ? ":443" : ":80"
        // "[::80]" ends with a bracket, so a colon here is always a port's.
        return host.hasSuffix(port) && host != port ? String(host.dropLast(port.utf8.count)) : host
    }
}

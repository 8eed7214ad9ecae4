public import HTTP
internal import Synchronization

/// How the outside world reaches the site: by setting, or by what the web
/// server and the proxies that we trust have seen.
public final class Addresses: Sendable {
    /// What the operator has set; nil: nothing.
    let configured: PublicAddress?
    /// The other hosts of ours; none if nothing is configured.
    let siteHosts: [PublicAddress]
    private let trustedProxies: [IPNetwork]
    private let hasHinted = Atomic(false)

    /// - Parameters:
    ///   - configured: decides everything, if it is set.
    ///   - trustedProxies: only from these are `X-Forwarded-*` believed.
    ///   - siteHosts: the names of other hosts of ours, with sites; they are reached
    ///     by the scheme of `configured`.
    public init(configured: PublicAddress?, trustedProxies: [IPNetwork], siteHosts: [String] = []) {
        self.configured = configured
        self.siteHosts = configured.map { $0.siteHosts(named: siteHosts) } ?? []
        self.trustedProxies = trustedProxies
    }

    func address(of request: Request) -> PublicAddress {
        guard let configured else { return seen(request, throughProxy: isFromTrustedProxy(request)) }
        if siteHosts.isEmpty { return configured }
        return hostName(of: request, throughProxy: isFromTrustedProxy(request)).flatMap(siteHost)
            ?? configured
    }

    /// Who is asking, as far as we believe it; nil if even the web server does
    /// not know.
    func client(of request: Request) -> IPAddress? {
        let peer = IPAddress(request.remoteAddress)
        guard isFromTrustedProxy(request) else { return peer }
        return client(forwardedFor: request.header.forwardedFor, peer: peer)
    }

    /// The same as text, without a look at it if no proxy is trusted.
    func clientText(of request: Request) -> String {
        trustedProxies.isEmpty ? request.remoteAddress : client(of: request)?.description ?? ""
    }

    /// Who can be held to account for what a request tries; nil if all who come
    /// through an unnamed proxy on this machine would look like one.
    func accountableClient(of request: Request) -> IPAddress? {
        isFromUnnamedProxy(request) ? nil : client(of: request)
    }

    private func isFromUnnamedProxy(_ request: Request) -> Bool {
        let header = request.header
        return (header.forwardedFor != nil || header.forwardedHost != nil || header.forwardedProto != nil)
            && IPAddress(request.remoteAddress)?.isLoopback ?? false && !isFromTrustedProxy(request)
    }

    /// Once: a proxy on this machine tells us something that we may not believe.
    func hint(about request: Request) -> Event? {
        guard isFromUnnamedProxy(request), !hasHinted.exchange(true, ordering: .relaxed)
        else { return nil }
        return Event(
            .warning, "proxy-not-trusted",
            [
                (
                    "advice",
                    "a proxy or tunnel on this machine sends X-Forwarded headers, which are ignored, "
                        + "so that all its clients look like one and are not limited by address; "
                        + "set LABEL_STUDIO_TRUSTED_PROXIES=127.0.0.1,::1 if it is yours"
                )
            ])
    }

    private func isFromTrustedProxy(_ request: Request) -> Bool {
        !trustedProxies.isEmpty && (IPAddress(request.remoteAddress).map(isTrusted) ?? false)
    }

    private func seen(_ request: Request, throughProxy isTrusted: Bool) -> PublicAddress {
        let header = request.header
        let scheme = isTrusted ? lastElement(header.forwardedProto) ?? request.scheme : request.scheme
        return PublicAddress(
            isSecure: scheme.lowercased() == "https",
            host: hostName(of: request, throughProxy: isTrusted) ?? "localhost", prefixSegments: [])
    }

    private func hostName(of request: Request, throughProxy isTrusted: Bool) -> String? {
        let header = request.header
        let host = isTrusted ? lastElement(header.forwardedHost) ?? header.host : header.host
        return host.flatMap(PublicAddress.validHost)
    }

    /// The rightmost address that is no proxy of ours: what stands left of it
    /// was written by whoever stands there.
    private func client(forwardedFor: String?, peer: IPAddress?) -> IPAddress? {
        for hop in elements(forwardedFor).reversed() {
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
        elements(field).last
    }

    /// The elements of a list, without the spaces around them.
    private func elements(_ field: String?) -> [String] {
        (field ?? "").utf8.split(separator: UInt8(ascii: ",")).map { element in
            String(
                decoding: element.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") },
                as: UTF8.self)
        }
    }
}

/// Scheme, host and sub-path under which people reach the site.
public struct PublicAddress: Sendable {
    public let isSecure: Bool
    /// With the port, if it is not the scheme's own; in lower case.
    public let host: String
    /// The segments of the sub-path; none at the root of a host.
    public let prefixSegments: [String]
    /// `/labels`, or "" at the root; encoded.
    public let prefix: String
    /// Whether it is another host of ours, with a site and without our pages.
    let isSiteHost: Bool

    init(isSecure: Bool, host: String, prefixSegments: [String], isSiteHost: Bool = false) {
        self.isSiteHost = isSiteHost
        self.isSecure = isSecure
        self.host = Self.withoutDefaultPort(host.lowercased(), isSecure: isSecure)
        self.prefixSegments = prefixSegments
        prefix = prefixSegments.reduce("") { $0 + "/" + PercentCoding.encodePath($1) }
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

    /// `https://example.org:8443`: what browsers send as `Origin`.
    public var origin: String {
        (isSecure ? "https://" : "http://") + host
    }

    /// The path of the session's cookie: it stays below a sub-path, but for https,
    /// where its prefix forbids that.
    var sessionPath: String { isSecure ? "/" : prefix + "/" }

    /// Whether browsers send the session's cookie there.
    func isSessionSent(to path: Path) -> Bool {
        isSecure || path.segments.starts(with: prefixSegments)
    }

    /// The host without its port, which browsers do not keep cookies apart by.
    public var hostName: String {
        String(
            host.hasPrefix("[") ? host.split(separator: "]")[0].dropFirst() : host.split(separator: ":")[0])
    }

    /// Whether the host names the machine itself: useless to anybody else.
    public var isLocal: Bool {
        hostName == "localhost" || IPAddress(hostName)?.isLoopback ?? false
    }

    /// A host name, an address or a bracketed address, with an optional port.
    public static func validHost(_ text: String) -> String? {
        let bytes = text.utf8Span.span
        guard (1...255).contains(bytes.count) else { return nil }
        var end = 0
        if bytes[0] == UInt8(ascii: "[") {
            guard let close = text.utf8.firstIndex(of: UInt8(ascii: "]")),
                IPAddress(String(Substring(text.utf8[..<close].dropFirst()))) != nil
            else { return nil }
            end = text.utf8.distance(from: text.startIndex, to: close) + 1
        } else {
            while end < bytes.count, isHostCharacter(bytes[end]) { end += 1 }
            guard end > 0 else { return nil }
        }
        return isPort(bytes.extracting(end...)) ? text : nil
    }

    /// Nothing, or a colon and the number of a port.
    private static func isPort(_ bytes: Span<UInt8>) -> Bool {
        if bytes.isEmpty { return true }
        guard bytes[0] == UInt8(ascii: ":"), bytes.count > 1 else { return false }
        var number = 0
        for index in 1..<bytes.count {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return false }
            number = 10 * number + Int(bytes[index] - UInt8(ascii: "0"))
            guard number <= UInt16.max else { return false }
        }
        return true
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func withoutDefaultPort(_ host: String, isSecure: Bool) -> String {
        let port = isSecure ? ":443" : ":80"
        // "[::80]" ends with a bracket, so a colon here is always a port's.
        return host.hasSuffix(port) && host != port ? String(host.dropLast(port.utf8.count)) : host
    }
}

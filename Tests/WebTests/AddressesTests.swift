import HTTP
import Testing

@testable import Web

struct AddressesTests {
    private func addresses(
        _ configured: String? = nil, proxies: [String] = ["10.0.0.0/8", "2001:db8::/32"]
    ) -> Addresses {
        Addresses(
            configured: configured.flatMap(PublicAddress.init(parsing:)),
            trustedProxies: proxies.compactMap(IPNetwork.init))
    }

    private func request(
        from peer: String = "192.0.2.10", scheme: String = "http", host: String? = "inside.example:8080",
        for forwardedFor: String? = nil, proto: String? = nil, forwardedHost: String? = nil
    ) -> Request {
        var request = Request(method: .get, target: "/", scheme: scheme, remoteAddress: peer)
        request.header.host = host
        request.header.forwardedFor = forwardedFor
        request.header.forwardedProto = proto
        request.header.forwardedHost = forwardedHost
        return request
    }

    @Test func `without a setting it is what the web server saw`() {
        #expect(addresses().address(of: request()).origin == "http://inside.example:8080")
        let secure = addresses().address(of: request(scheme: "https", host: "Inside.Example:443"))
        #expect(secure.origin == "https://inside.example")
        #expect(secure.prefix == "")
    }

    @Test func `the setting decides everything`() {
        let configured = addresses("https://labels.example:8443/a/b%20c")
        for peer in ["192.0.2.10", "10.1.2.3", "127.0.0.1", ""] {
            let seen = configured.address(
                of: request(from: peer, proto: "http", forwardedHost: "evil.example"))
            #expect(seen.origin == "https://labels.example:8443")
            #expect(seen.prefix == "/a/b%20c")
        }
    }

    @Test func `a trusted proxy is believed, the nearest one first`() {
        let seen = addresses().address(
            of: request(
                from: "10.1.2.3", proto: "http, HTTPS", forwardedHost: "evil.example, Labels.Example:8443"))
        #expect(seen.origin == "https://labels.example:8443")
        #expect(addresses().address(of: request(from: "::ffff:10.1.2.3", proto: "https")).isSecure)
        #expect(addresses().address(of: request(from: "2001:db8::7", proto: "https")).isSecure)
    }

    @Test(arguments: ["192.0.2.10", "127.0.0.1", "::1", "11.0.0.1", "2001:db9::1", "", "nonsense"])
    func `nobody else is believed`(peer: String) {
        let seen = addresses().address(
            of: request(from: peer, for: "198.51.100.1", proto: "https", forwardedHost: "evil.example"))
        #expect(seen.origin == "http://inside.example:8080")
        #expect(
            addresses(proxies: []).address(of: request(from: "10.1.2.3", proto: "https")).isSecure == false)
    }

    @Test(arguments: [
        ("198.51.100.1", "198.51.100.1"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
        ("198.51.100.1,203.0.113.9,10.9.9.9,2001:db8::5", "203.0.113.9"),
        ("2001:db9::1", "2001:db9::1"),
        // Nobody of ours wrote what stands left of nonsense.
        ("198.51.100.1, unknown", "10.1.2.3"),
        ("198.51.100.1, 203.0.113.9:4711", "10.1.2.3"),
        ("198.51.100.1, unknown, 10.9.9.9", "10.1.2.3"),
        ("10.2.2.2, 10.3.3.3", "10.1.2.3"),
        ("", "10.1.2.3"),
        (",,", "10.1.2.3"),
    ])
    func `the client is the rightmost address that is no proxy of ours`(field: String, expected: String) {
        let client = addresses().client(of: request(from: "10.1.2.3", for: field))
        #expect(client == IPAddress(expected))
    }

    @Test func `from anybody else the client is the peer`() {
        #expect(addresses().client(of: request(for: "198.51.100.1")) == IPAddress("192.0.2.10"))
        #expect(addresses().client(of: request(from: "10.1.2.3")) == IPAddress("10.1.2.3"))
        #expect(addresses().client(of: request(from: "")) == nil)
    }

    @Test(arguments: ["127.0.0.1", "::1", "127.8.8.8", "::ffff:127.0.0.1"])
    func `a tunnel on this machine is pointed out once`(peer: String) throws {
        let addresses = addresses()
        #expect(addresses.hint(about: request(from: peer)) == nil)
        let hint = try #require(addresses.hint(about: request(from: peer, proto: "https")))
        #expect(hint.level == .warning)
        #expect(hint.fields.contains { $0.value.contains("LABEL_STUDIO_TRUSTED_PROXIES") })
        for _ in 0..<3 { #expect(addresses.hint(about: request(from: peer, for: "198.51.100.1")) == nil) }
    }

    @Test func `a proxy that is trusted, or elsewhere, is not`() {
        #expect(addresses().hint(about: request(from: "10.1.2.3", proto: "https")) == nil)
        #expect(addresses().hint(about: request(from: "192.0.2.10", forwardedHost: "a.example")) == nil)
        let local = addresses(proxies: ["127.0.0.1", "::1"])
        #expect(local.hint(about: request(from: "127.0.0.1", proto: "https")) == nil)
    }

    @Test func `the site logs the hint once`() throws {
        let world = try World()
        let tunnel = Browser(world)
        tunnel.remoteAddress = "127.0.0.1"
        for _ in 0..<3 { tunnel.get("/health") { $0.header.forwardedProto = "https" } }
        #expect(world.events.map(\.name) == ["proxy-not-trusted"])
    }

    @Test(arguments: [
        nil, "", "a b", "evil.example/x", "evil.example\r\nX: y", "a:b", "a:70000", "a:-1", "a:", ":80",
        "[::1", "::1]",
        "[::1]x", "[nonsense]", "a:1:2", "é.example", "user@evil.example", "<b>",
        String(repeating: "a", count: 256),
    ])
    func `a host that is none is localhost`(host: String?) {
        #expect(addresses().address(of: request(host: host)).origin == "http://localhost")
    }

    @Test(arguments: [
        ("http://example.org", "http://example.org", ""), ("HTTPS://Example.ORG/", "https://example.org", ""),
        ("http://example.org:80", "http://example.org", ""),
        ("https://example.org:443/x", "https://example.org", "/x"),
        ("https://example.org:80", "https://example.org:80", ""),
        ("http://[::1]:8080/", "http://[::1]:8080", ""),
        ("http://[::80]", "http://[::80]", ""),
        ("http://192.0.2.1:8080/a/b/", "http://192.0.2.1:8080", "/a/b"),
        ("http://example.org/Labels", "http://example.org", "/Labels"),
        ("http://example.org/a%20b", "http://example.org", "/a%20b"),
    ])
    func `a setting is read`(text: String, origin: String, prefix: String) throws {
        let address = try #require(PublicAddress(parsing: text))
        #expect(address.origin == origin)
        #expect(address.prefix == prefix)
    }

    @Test(arguments: [
        "", "example.org", "//example.org", "ftp://example.org", "http://", "http:///x", "http://a b",
        "http://a?x",
        "http://a/#x", "http://a/x?y", "http://user:secret@a", "http://a//b", "http://a/../b", "http://a:x",
        "http://a:99999",
        "http://é.example", "javascript:alert(1)", "http://[::1", " http://a",
    ])
    func `a setting that is no address is refused`(text: String) {
        #expect(PublicAddress(parsing: text) == nil)
    }

    @Test func `a host that only this machine knows is local`() {
        for local in ["localhost", "localhost:8080", "127.0.0.1", "127.3.2.1:8080", "[::1]", "[::1]:8080"] {
            #expect(PublicAddress(parsing: "http://\(local)")?.isLocal == true, "\(local)")
        }
        for other in ["example.org", "192.0.2.1:8080", "[2001:db8::1]", "localhost.example"] {
            #expect(PublicAddress(parsing: "http://\(other)")?.isLocal == false, "\(other)")
        }
    }

    @Test func `a request that has no host still gets an answer`() throws {
        let browser = Browser(try World())
        #expect(browser.get("/user/login/") { $0.header.host = nil }.status == .ok)
    }
}

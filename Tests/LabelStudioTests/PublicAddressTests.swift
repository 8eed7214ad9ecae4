import Testing
import Web

struct PublicAddressTests {
    @Test(arguments: [
        ("http://example.org", "http://example.org", "", false),
        ("https://example.org/", "https://example.org", "", true),
        ("HTTPS://Example.ORG:8443/Labels/", "https://example.org:8443", "/Labels", true),
        ("http://example.org:80", "http://example.org", "", false),
        ("https://example.org:443/a/b", "https://example.org", "/a/b", true),
        ("http://example.org:443", "http://example.org:443", "", false),
        ("http://192.0.2.1:8080/labels", "http://192.0.2.1:8080", "/labels", false),
        ("http://[::1]:8080", "http://[::1]:8080", "", false),
        ("https://[2001:DB8::1]", "https://[2001:db8::1]", "", true),
        ("http://[::80]", "http://[::80]", "", false),
        ("http://localhost:8080/a%20b/%C3%BC", "http://localhost:8080", "/a%20b/%C3%BC", false),
        ("http://a_b.example", "http://a_b.example", "", false),
    ])
    func `an address has an origin and a prefix`(
        text: String, origin: String, prefix: String, isSecure: Bool
    ) throws {
        let address = try #require(PublicAddress(parsing: text))
        #expect(address.origin == origin)
        #expect(address.prefix == prefix)
        #expect(address.isSecure == isSecure)
    }

    @Test(arguments: [
        "", "example.org", "//example.org", "ftp://example.org", "http://", "https:///a", "http://:8080",
        "http://user@example.org", "http://user:password@example.org", "http://example.org?x",
        "http://example.org/a?b",
        "http://example.org/#a", "http://example.org#a", "http://exa mple.org", "http://example.org:port",
        "http://example.org:65536", "http://example.org:", "http://example.org:1:2", "http://[::1",
        "http://::1",
        "http://[::1]x", "http://[zz]", "http://[]", "http://exämple.org", "http://example.org\r\nX: y",
        "http://example.org/../a", "http://example.org//a", "http://example.org/%2f",
        "http://example.org/a\nb",
        "http://example.org:+80", "http://example.org\\a", "http://example.org,b", " http://example.org",
        "http://example.org ", "javascript:alert(1)", "http:/example.org", "http://a<b>",
        "http://\(String(repeating: "a", count: 256))",
    ])
    func `what is no address is refused`(text: String) {
        #expect(PublicAddress(parsing: text) == nil)
    }

    @Test(arguments: [
        ("http://localhost:8080", true), ("http://127.0.0.1", true), ("http://127.9.9.9:1", true),
        ("http://[::1]:8080", true), ("https://example.org", false), ("http://192.0.2.1", false),
        ("http://localhost.example.org", false), ("http://[2001:db8::1]", false),
    ])
    func `an address that names this machine only is known`(text: String, isLocal: Bool) throws {
        #expect(try #require(PublicAddress(parsing: text)).isLocal == isLocal)
    }
}

import Testing

@testable import Upstream

struct UpstreamAddressTests {
    @Test(arguments: [
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081", true),
        ("HTTP://LocalHost:8081/", "http://localhost:8081", true),
        ("http://[::1]:8081", "http://[::1]:8081", true),
        ("http://labels.internal", "http://labels.internal:80", false),
        ("http://10.0.0.7:8080", "http://10.0.0.7:8080", false),
        ("unix:/run/labels.sock", "unix:/run/labels.sock", true),
    ])
    func `a port or a unix socket is an address`(text: String, written: String, isLocal: Bool) {
        let address = UpstreamAddress(parsing: text)
        #expect(address?.description == written)
        #expect(address?.isLocal == isLocal)
    }

    @Test(arguments: [
        "", "http://", "http://:8081", "https://127.0.0.1:8081", "127.0.0.1:8081", "http://127.0.0.1:0",
        "http://127.0.0.1:65536", "http://127.0.0.1:8081/labels", "http://127.0.0.1:8081?x",
        "http://name@127.0.0.1:8081", "http://a b", "http://[::1", "http://[::1]x:80", "http://[name]:80",
        "http://a:80:90", "http://a\u{E9}:80", "http://a\r\nX: y", "unix:", "unix:run/labels.sock",
        "unix:/" + String(repeating: "x", count: 107), "ftp://a:80",
    ])
    func `anything else is none`(text: String) {
        #expect(UpstreamAddress(parsing: text) == nil)
    }
}

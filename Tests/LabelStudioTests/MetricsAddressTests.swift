import Testing

@testable import LabelStudio

struct MetricsAddressTests {
    @Test(arguments: [
        ("unix:/run/label-studio/metrics", MetricsAddress.unix("/run/label-studio/metrics")),
        ("/run/metrics", .unix("/run/metrics")),
        ("127.0.0.1:9464", .loopback(host: "127.0.0.1", port: 9464)),
        ("127.1.2.3:1", .loopback(host: "127.1.2.3", port: 1)),
        ("localhost:9464", .loopback(host: "127.0.0.1", port: 9464)),
        ("[::1]:9464", .loopback(host: "::1", port: 9464)),
    ])
    func `A socket, or a port that only this machine reaches`(_ text: String, _ address: MetricsAddress) {
        #expect(MetricsAddress(parsing: text) == address)
    }

    @Test(arguments: [
        "0.0.0.0:9464", "[::]:9464", "192.0.2.1:9464", "[2001:db8::1]:9464", ":9464", "9464", "127.0.0.1",
        "127.0.0.1:0", "127.0.0.1:65536", "::1:9464", "[127.0.0.1]:9464", "example.org:9464", "unix:",
        "unix:metrics", "/" + String(repeating: "m", count: 107),
        "metrics", "",
    ])
    func `Nothing else`(_ text: String) {
        #expect(MetricsAddress(parsing: text) == nil)
    }
}

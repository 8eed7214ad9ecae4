import HTTP
import Testing

struct NetworkTests {
    @Test(arguments: [
        "", "a", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.-4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4:80",
        "[::1]",
        ":::", "1::2::3", "g::", "::1%eth0", "1.2.3.4/8", "0x7f.0.0.1", "localhost", "127.0.0.1\0", "::1\0x",
    ])
    func `what is no address is refused`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.0.3", true), ("128.0.0.1", false), ("::1", true), ("::2", false),
        ("0:0:0:0:0:0:0:1", true), ("::ffff:127.0.0.1", true), ("::ffff:10.0.0.1", false), ("::", false),
        ("0.0.0.0", false),
    ])
    func `loopback addresses are known`(text: String, isLoopback: Bool) throws {
        #expect(try #require(IPAddress(text)).isLoopback == isLoopback)
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
        ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false),
        ("192.0.2.77/24", "192.0.2.1", true),
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("10.0.0.0/9", "10.127.0.1", true), ("10.0.0.0/9", "10.128.0.1", false),
        ("10.0.0.0/31", "10.0.0.1", true), ("10.0.0.0/31", "10.0.0.2", false),
        ("10.0.0.1/32", "10.0.0.1", true), ("10.0.0.1/32", "10.0.0.0", false),
        ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false),
        ("2001:db8::/33", "2001:db8:7fff::", true), ("2001:db8::/33", "2001:db8:8000::", false),
        ("::1", "0:0::1", true), ("::/0", "::1", true), ("::/0", "1.2.3.4", false),
        ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("::ffff:10.0.0.1", "10.0.0.1", true),
    ])
    func `a network holds the addresses with its prefix`(
        network: String, address: String, isInside: Bool
    ) throws {
        let network = try #require(IPNetwork(network))
        #expect(network.contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(arguments: [
        "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/a", "10.0.0.0/8/8", "10.0.0.0/8 ",
        "::/129", "10/8", "10.0.0.0/255.0.0.0", "example.org", "10.0.0.0/+8", "*",
    ])
    func `what is no network is refused`(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    /// `::ffff:10.0.0.0/8` is every address that begins with eight zeros, not 10.0.0.0/8.
    @Test func `a prefix of a mapped address counts all its bits`() throws {
        let short = IPNetwork("::ffff:10.0.0.0/8")
        let inside = try #require(IPAddress("10.1.2.3"))
        #expect(short == nil || short?.contains(inside) == false)
        if let exact = IPNetwork("::ffff:10.0.0.0/104") { #expect(exact.contains(inside)) }
    }
}

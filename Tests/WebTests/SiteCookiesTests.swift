import HTTP
import Testing

@testable import Web

struct SiteCookiesTests {
    @Test(arguments: [
        ("http://a.example", "sessionid"), ("http://a.example/labels", "sessionid"),
        ("https://a.example", "__Host-sessionid"), ("https://a.example/labels", "__Host-sessionid-08e7e7ed"),
    ])
    func `the name of the session cookie tells scheme and sub-path`(address: String, name: String) throws {
        let site = try World().site
        #expect(site.sessionCookieName(for: try #require(PublicAddress(parsing: address))) == name)
    }

    @Test func `two sub-paths of one host, and two names, do not meet`() throws {
        let names = try ["sessionid", "other"].flatMap { name in
            let site = try World(cookieName: name).site
            return ["/a", "/b", "/a/b", ""].compactMap { PublicAddress(parsing: "https://a.example\($0)") }
                .map(site.sessionCookieName)
        }
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.hasPrefix("__Host-") })
    }

    @Test func `over https a bare sessionid is nobody's`() throws {
        let world = try World(address: "https://labels.example")
        let ada = Browser.member("ada@example.org", in: world)
        let session = try #require(ada.cookies.first { $0.name == "__Host-sessionid" }).value
        for name in ["sessionid", "__Secure-sessionid", "__host-sessionid", "__Host-sessionid-08e7e7ed"] {
            ada.cookies = [(name: name, value: session)]
            #expect(ada.get("/projects/").status == .found, "\(name)")
        }
        ada.cookies = [(name: "__Host-sessionid", value: session)]
        #expect(ada.get("/projects/").status == .ok)
    }

    @Test(arguments: [
        "", "x", "=", "é", String(repeating: "A", count: 43), String(repeating: "A", count: 4000),
    ])
    func `a made-up session is nobody's`(value: String) throws {
        let world = try World()
        _ = Browser.member("ada@example.org", in: world)
        let eve = Browser(world)
        eve.cookies = [(name: "sessionid", value: value)]
        #expect(eve.get("/projects/").status == .found)
        #expect(eve.get("/api/current-user/whoami").status == .unauthorized)
    }

    @Test func `every log-in has a session of its own, and ending one leaves the others`() throws {
        let world = try World()
        let one = Browser.member("ada@example.org", in: world)
        let other = Browser(world)
        other.post("/user/login/", ["email": "ada@example.org", "password": Person.password])
        #expect(one.cookies.map(\.value) != other.cookies.map(\.value))
        one.post("/logout")
        #expect(one.get("/projects/").status == .found)
        #expect(other.get("/projects/").status == .ok)
    }
}

import Accounts
import HTTP
import Testing

@testable import Web

/// Other hosts of ours: who gets in there, and how.
struct SiteHostTests {
    private let world: World
    private let ada: Traveller

    init() throws {
        world = try World(address: Traveller.address, siteHosts: [Traveller.host, "reports.example:8443"])
        ada = Traveller(member: "ada@example.org", in: world)
    }

    /// The same browser at the other host, with the cookies that it has for this one.
    private func elsewhere(_ browser: Browser, _ host: String) -> Browser {
        let copy = browser.copy()
        copy.host = host
        return copy
    }

    private func isIn(_ browser: Browser) -> Bool {
        browser.get("/board") { $0.gate = .page }.status == .noContent
    }

    private func cookie(_ browser: Browser, _ name: String) -> String? {
        browser.cookies.first { $0.name == name }?.value
    }

    @Test func `a member comes in with a cookie of that host alone`() throws {
        try ada.enter()
        let response = ada.open("/board")
        #expect(response.status == .noContent)
        #expect(response.values("Remote-User") == ["ada@example.org"])
        #expect(response.values("Gate-Cookie").isEmpty)
        let there = try #require(cookie(ada.away, "__Host-sessionid"))
        let home = try #require(cookie(ada.home, "__Host-sessionid"))
        #expect(there != home)
        #expect(Set(ada.away.cookies.map(\.name)) == ["__Host-sessionid", "__Host-site-browser"])
    }

    @Test func `an error there has the files of that host, and leads to our pages`() throws {
        try ada.enter()
        let answer = ada.away.post("/-/accounts/ticket")
        #expect(answer.status == .methodNotAllowed)
        #expect(answer.text.contains("href=\"/-/accounts/static/0123456789/app.css\""))
        #expect(answer.text.contains("href=\"\(Traveller.address)/\">Go to the home page</a>"))
        #expect(answer.text.contains("data-cookie-path=\"/-/accounts/\""))
        #expect(!answer.text.contains("ada@example.org") && !answer.text.contains("<form"))
    }

    @Test func `the cookie of one host opens no other`() throws {
        try ada.enter()
        #expect(isIn(ada.away))
        #expect(!isIn(elsewhere(ada.away, "reports.example:8443")))
        #expect(!isIn(elsewhere(ada.away, "labels.example")))
        #expect(elsewhere(ada.away, "labels.example").get("/projects/").status == .found)
        #expect(!isIn(elsewhere(ada.home, Traveller.host)))
        #expect(isIn(ada.home))
    }

    @Test(arguments: ["labels.example", "reports.example:8443", "reports.example", "tools.example:8080"])
    func `a ticket works at its host only`(host: String) throws {
        let ticket = try ada.takeTicket()
        let other = elsewhere(ada.away, host)
        _ = other.get(ticket)
        #expect(!isIn(other))
        // It was not used up by that.
        #expect(ada.away.get(ticket).location == "/board?id=1")
        #expect(isIn(ada.away))
    }

    @Test(arguments: ["TOOLS.example", "tools.example:443"])
    func `a host is the same however it is written`(host: String) throws {
        try ada.enter()
        #expect(isIn(elsewhere(ada.away, host)))
    }

    @Test func `a stolen ticket is worth nothing, and one that was used neither`() throws {
        let ticket = try ada.takeTicket()
        let thief = Traveller(world)
        _ = try thief.leave()
        let refused = "https://labels.example/-/accounts/site/refused?host=tools.example&next=/board%3Fid%3D1"
        #expect(thief.away.get(ticket).location == refused)
        #expect(!isIn(thief.away))
        #expect(ada.away.get(ticket).location == "/board?id=1")
        // Again, in the same browser, without what it got the first time.
        ada.away.cookies.removeAll { $0.name == "__Host-sessionid" }
        #expect(ada.away.get(ticket).location == refused)
        #expect(world.events.filter { $0.name == "ticket-refused" }.count == 2)
    }

    @Test func `a ticket for somebody else's session is not put upon a browser`() throws {
        // Mallory sends Ada the address with his ticket, made for his browser.
        let mallory = Traveller(member: "mallory@example.org", in: world)
        let ticket = try mallory.takeTicket()
        _ = try ada.leave()
        #expect(ada.away.get(ticket).location?.contains("/site/refused?") ?? false)
        #expect(!isIn(ada.away))
        // And nothing is changed for one who is there as himself.
        try ada.enter()
        let another = try mallory.takeTicket()
        #expect(ada.away.get(another).location == "/board?id=1")
        #expect(ada.open("/board").values("Remote-User") == ["ada@example.org"])
    }

    @Test func `a browser keeps its secret while it opens several pages`() throws {
        let first = try ada.takeTicket("/one")
        let second = try ada.takeTicket("/two")
        #expect(ada.away.get(first).location == "/one")
        #expect(ada.away.get(second).location == "/two")
        #expect(isIn(ada.away))
        ada.away.cookies = [("__Host-site-browser", "made-up")]
        let response = ada.away.get("/-/accounts/ticket?next=/")
        #expect(response.values("Set-Cookie").count == 1)
        #expect(cookie(ada.away, "__Host-site-browser")?.count == 43)
    }

    @Test(arguments: [
        "https://evil.example/", "//evil.example", "/\\evil.example", "https://labels.example/projects/",
        "http://tools.example/", "javascript:alert(1)", "", "/a/../b",
    ])
    func `nobody is led from there to another host`(next: String) throws {
        let target = "/-/accounts/ticket?next=\(PercentCoding.encode(next))"
        let there = try #require(ada.away.get(target).location)
        #expect(there.hasPrefix("https://labels.example/-/accounts/site?host=tools.example&browser="))
        #expect(there.hasSuffix("&next=/"))
        // Even if somebody writes that address himself.
        let written = there.replacing("&next=/", with: "&next=\(PercentCoding.encode(next))")
        let refresh = try #require(
            ada.home.get(try Traveller.path(written, at: ada.home)).values("Refresh").first)
        let ticket = try Traveller.path(String(refresh.dropFirst("0; url=".count)), at: ada.away)
        #expect(ada.away.get(ticket).location == "/")
    }

    @Test func `a long address is not carried along`() throws {
        let long = "/" + String(repeating: "a", count: 1999)
        try ada.enter(long)
        let other = Traveller(member: "grace@example.org", in: world)
        #expect(other.open(long + "a").location == "/-/accounts/ticket?next=/")
    }

    @Test func `log-out, removal and the end of sessions count there from the next request on`() throws {
        try ada.enter()
        ada.home.get("/logout")
        ada.home.post("/logout")
        #expect(!isIn(ada.away))
        let grace = Traveller(member: "grace@example.org", in: world)
        try grace.enter()
        try world.remove("grace@example.org")
        #expect(!isIn(grace.away))
    }

    @Test func `a form of that site passes, and one of our own pages does not`() throws {
        try ada.enter()
        let send = { (origin: String?, fetchSite: String?) in
            ada.away.send(.post, "/board") {
                $0.gate = .call
                $0.header.origin = origin
                $0.header.secFetchSite = fetchSite
            }.status
        }
        #expect(send("https://tools.example", nil) == .noContent)
        #expect(send(nil, "same-origin") == .noContent)
        #expect(send("https://labels.example", nil) == .forbidden)
        #expect(send(nil, "same-site") == .forbidden)
        #expect(send(nil, nil) == .forbidden)
    }

    @Test func `a token opens it, too`() throws {
        let key = try #require(
            ada.home.get("/api/current-user/token").text.firstMatch(of: /"token":"(\w+)"/)
        ).1
        let response = ada.away.get("/data.json") {
            $0.gate = .call
            $0.header.authorization = "Token \(key)"
        }
        #expect(response.status == .noContent)
    }

    @Test func `over plain http there are no prefixes, and a cookie that lasts as the session does`() throws {
        let world = try World(address: "http://labels.example/labels", siteHosts: ["tools.example"])
        let home = Browser.member("ada@example.org", in: world) { $0.host = "labels.example" }
        let away = Browser(world)
        away.host = "tools.example"
        let entrance = try #require(away.get("/board") { $0.gate = .page }.location)
        let there = try #require(away.get(entrance).location)
        #expect(there.hasPrefix("http://labels.example/labels/-/accounts/site?host=tools.example&"))
        #expect(away.cookies.map(\.name) == ["site-browser"])
        let refresh = try #require(
            home.get(String(there.dropFirst("http://labels.example".count))).values("Refresh").first)
        let ticket = String(refresh.dropFirst("0; url=http://tools.example".count))
        let response = away.get(ticket)
        #expect(response.location == "/board")
        let cookie = try #require(response.values("Set-Cookie").first)
        #expect(cookie.hasPrefix("sessionid=") && cookie.hasSuffix("; Path=/; HttpOnly; SameSite=Lax"))
        #expect(isIn(away))
    }

    @Test func `beside a labeling server, our pages are where they are there`() throws {
        let world = try World(
            address: Traveller.address, labelingServer: "http://127.0.0.1:9", siteHosts: [Traveller.host])
        let ada = Traveller(member: "ada@example.org", in: world)
        try ada.enter()
        #expect(isIn(ada.away))
        #expect(ada.away.get("/-/accounts/").location == "https://labels.example/-/accounts/")
        #expect(ada.away.get("/-/accounts/logout").location == "https://labels.example/-/accounts/logout")
    }

    @Test func `before the first account, a stranger is led home, too`() throws {
        let world = try World(address: Traveller.address, siteHosts: [Traveller.host])
        let stranger = Traveller(world)
        #expect(stranger.open("/board").location == "/-/accounts/ticket?next=/board")
        let there = try stranger.leave("/board")
        #expect(stranger.home.get(there).location?.hasPrefix("/user/login/?next=/-/accounts/site") ?? false)
    }

    @Test func `without the setting another host is nothing of its own`() throws {
        let world = try World(address: Traveller.address)
        _ = Traveller(member: "ada@example.org", in: world)
        let stranger = Traveller(world)
        #expect(stranger.open("/board").location == "/user/login/?next=/board")
    }

    @Test func `a proxy that is trusted says which host it is`() throws {
        let world = try World(
            address: Traveller.address, proxies: ["192.0.2.10"], siteHosts: [Traveller.host])
        let stranger = Browser(world)
        let response = stranger.get("/board") {
            $0.gate = .page
            $0.header.host = "inside:9000"
            $0.header.forwardedHost = Traveller.host
        }
        #expect(response.location == "/-/accounts/ticket?next=/board")
    }

    @Test(arguments: [
        (["tools.example", "reports.example:8443"], nil as String?),
        (["labels.example:8443"], "labels.example:8443 has the name of the host of LABEL_STUDIO_HOST"),
        (["LABELS.example"], "labels.example has the name of the host of LABEL_STUDIO_HOST"),
        (["a.example:1", "a.example:2"], "a.example:2 has the name of a.example:1"),
        (["a.example", "a.example"], "a.example has the name of a.example"),
    ])
    func `hosts have names of their own`(hosts: [String], refusal: String?) throws {
        let address = try #require(PublicAddress(parsing: Traveller.address))
        let found = address.refusal(ofSiteHosts: hosts)
        #expect((found == nil) == (refusal == nil))
        if let refusal { #expect(found?.hasPrefix(refusal) ?? false, "\(found ?? "")") }
    }
}

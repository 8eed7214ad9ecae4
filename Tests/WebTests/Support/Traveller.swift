import HTTP
import Testing

@testable import Web

/// A browser on two hosts of ours, with the cookies of each.
struct Traveller {
    static let address = "https://labels.example"
    static let host = "tools.example"

    /// On the host with our pages.
    let home: Browser
    /// On the host with a site.
    let away: Browser

    init(_ world: World, _ transcript: Transcript? = nil) {
        self.init(home: Browser(world, transcript))
    }

    /// Somebody who has logged in at home.
    init(member email: String, in world: World, _ transcript: Transcript? = nil) {
        self.init(home: Browser.member(email, in: world, transcript) { Self.goHome($0) })
    }

    private init(home: Browser) {
        Self.goHome(home)
        self.home = home
        away = Browser(home.world, home.transcript)
        away.scheme = "https"
        away.host = Self.host
    }

    private static func goHome(_ browser: Browser) {
        browser.scheme = "https"
        browser.host = "labels.example"
    }

    /// Opens a page of the site.
    @discardableResult
    func open(_ target: String, _ caption: String = "", _ question: GateQuestion = .page) -> Response {
        away.get(target, caption) { $0.gate = question }
    }

    /// From the gate to the host with our pages: where he is sent to there.
    func leave(_ target: String = "/board?id=1", _ caption: String = "") throws -> String {
        let entrance = try #require(open(target, caption).location)
        let there = try #require(away.get(entrance, "The host gives his browser a secret").location)
        return try Self.path(there, at: home)
    }

    /// Takes a ticket: where he is sent to at the host of the site.
    func takeTicket(_ target: String = "/board?id=1") throws -> String {
        let response = home.get(try leave(target), "Logged in, he gets a ticket")
        let refresh = try #require(response.values("Refresh").first)
        #expect(refresh.hasPrefix("0; url="))
        return try Self.path(String(refresh.dropFirst(7)), at: away)
    }

    /// The whole way.
    func enter(_ target: String = "/board?id=1") throws {
        let ticket = try takeTicket(target)
        #expect(away.get(ticket, "The ticket becomes a cookie").location == target)
    }

    /// The path of an address, which must be on the host of this browser.
    static func path(_ address: String, at browser: Browser) throws -> String {
        try #require(address.hasPrefix(browser.origin + "/"), "\(address)")
        return String(address.dropFirst(browser.origin.count))
    }
}

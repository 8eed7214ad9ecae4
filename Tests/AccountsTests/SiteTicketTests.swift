import Database
import Testing

@testable import Accounts

/// The way of a session to another host of ours.
struct SiteTicketTests {
    private static let host = "tools.example.org"

    private let world: World
    private let session: NewSession
    private let browser: SiteBrowser

    init() throws {
        world = try World()
        session = try world.signUp("a@example.com")
        browser = SiteBrowser(secret: world.accounts.newBrowserSecret())
    }

    private func makeTicket(of session: NewSession? = nil) throws -> SecretToken {
        let visitor = try #require(try world.visitor(session ?? self.session))
        return try world.accounts.makeTicket(
            to: Self.host, for: browser, by: visitor, from: .commandLine)
    }

    private func redeem(
        _ ticket: SecretToken, at host: String = host, by browser: SiteBrowser? = nil
    ) throws -> SiteSession {
        try world.accounts.redeem(ticket, at: host, by: browser ?? self.browser, from: .commandLine)
    }

    private func visitor(_ site: SiteSession, at host: String = host) throws -> Visitor? {
        try world.accounts.standing(siteSession: site.token, at: host, from: .commandLine).visitor
    }

    @Test func `a ticket makes the same person known on another host`() throws {
        let site = try redeem(makeTicket())
        let found = try #require(try visitor(site))
        #expect(found.member.user.email.text == "a@example.com")
        #expect(found.sessionID == session.id)
        #expect(site.token.text != session.token.text)
    }

    @Test func `it is worth nothing on our own host, on a third one, or as a session's cookie here`() throws {
        let site = try redeem(makeTicket())
        #expect(try visitor(site, at: "reports.example.org") == nil)
        #expect(try world.accounts.standing(session: site.token, from: .commandLine).visitor == nil)
        let here = try world.accounts.standing(
            siteSession: session.token, at: Self.host, from: .commandLine)
        #expect(here.visitor == nil)
        let nobody = try world.accounts.standing(siteSession: nil, at: Self.host, from: .commandLine)
        #expect(nobody.visitor == nil)
        #expect(nobody.organization != nil)
    }

    @Test func `a ticket works once`() throws {
        let ticket = try makeTicket()
        _ = try redeem(ticket)
        #expect(throws: Accounts.TicketRefused.self) { try redeem(ticket) }
        #expect(try world.count("site_ticket") == 0)
    }

    @Test func `a ticket works at its host only, and a try elsewhere does not use it up`() throws {
        let ticket = try makeTicket()
        #expect(throws: Accounts.TicketRefused.self) { try redeem(ticket, at: "reports.example.org") }
        #expect(throws: Accounts.TicketRefused.self) { try redeem(ticket, at: "") }
        _ = try redeem(ticket)
    }

    @Test func `a stolen ticket works in no other browser`() throws {
        let ticket = try makeTicket()
        let thief = SiteBrowser(secret: world.accounts.newBrowserSecret())
        #expect(throws: Accounts.TicketRefused.self) { try redeem(ticket, by: thief) }
        // Not even by what stood in the link.
        let copied = SiteBrowser(secret: SecretToken(claimed: browser.text))
        #expect(throws: Accounts.TicketRefused.self) { try redeem(ticket, by: copied) }
        let parsed = try #require(SiteBrowser(parsing: browser.text))
        _ = try redeem(ticket, by: parsed)
    }

    @Test(arguments: ["", "x", String(repeating: "A", count: 42), String(repeating: "A", count: 44), "é"])
    func `what is no hash is no browser`(text: String) {
        #expect(SiteBrowser(parsing: text) == nil)
    }

    @Test func `a ticket works for 30 seconds`() throws {
        let (first, second) = (try makeTicket(), try makeTicket())
        world.clock.advance(microseconds: 29_999_999)
        _ = try redeem(first)
        world.clock.advance(microseconds: 1)
        #expect(throws: Accounts.TicketRefused.self) { try redeem(second) }
        try world.accounts.tidy()
        #expect(try world.count("site_ticket") == 0)
        #expect(try world.count("site_session") == 1)
    }

    @Test func `whatever ends the session ends it on the other host, and its tickets`() throws {
        let ends: [(String, (Visitor) throws -> Void)] = [
            ("log-out", { try world.accounts.logOut($0, from: .commandLine) }),
            (
                "one session",
                { _ = try world.accounts.endSession($0.sessionID, of: $0, from: .commandLine) }
            ),
            (
                "all sessions",
                {
                    try world.accounts.endSessions(
                        of: $0.member.user.id, by: .commandLine, from: .commandLine)
                }
            ),
            (
                "a new password",
                { visitor in
                    _ = try world.accounts.changePassword(
                        of: visitor, current: Password(claimed: World.password),
                        new: Password(claimed: "another kettle 77"), from: .commandLine)
                }
            ),
            (
                "a restored backup",
                { _ in try world.accounts.noteRestore(keepingSessionsAndLink: false, from: .commandLine) }
            ),
        ]
        for (number, end) in ends.enumerated() {
            let session = try world.signUp("person\(number)@example.com")
            let site = try redeem(makeTicket(of: session))
            let ticket = try makeTicket(of: session)
            #expect(try visitor(site) != nil, "\(end.0)")
            try end.1(try #require(try world.visitor(session)))
            #expect(try visitor(site) == nil, "\(end.0)")
            #expect(throws: Accounts.TicketRefused.self, "\(end.0)") { try redeem(ticket) }
            #expect(try world.count("site_session") == 0, "\(end.0)")
        }
    }

    @Test func `who is removed or deactivated is nobody there at once`() throws {
        let site = try redeem(makeTicket(of: try world.signUp("b@example.com")))
        let user = try #require(try visitor(site)).member.user.id
        try world.accounts.deactivate(user, by: .commandLine, from: .commandLine)
        #expect(try visitor(site) == nil)
        let other = try redeem(makeTicket(of: try world.signUp("c@example.com")))
        try world.accounts.remove(
            try #require(try visitor(other)).member.user.id, by: .commandLine, from: .commandLine)
        #expect(try visitor(other) == nil)
    }

    @Test func `it expires with the session, and a visit there keeps both`() throws {
        let site = try redeem(makeTicket())
        world.clock.advance(seconds: 2 * 86_400)
        #expect(try visitor(site) != nil)
        world.clock.advance(seconds: 2 * 86_400)
        #expect(try world.visitor(session) != nil)
        world.clock.advance(seconds: 3 * 86_400 + 1)
        #expect(try visitor(site) == nil)
    }

    @Test func `who has lost his session gets no ticket`() throws {
        let visitor = try #require(try world.visitor(session))
        try world.accounts.logOut(visitor, from: .commandLine)
        #expect(throws: Accounts.AccessEnded.self) {
            try world.accounts.makeTicket(to: Self.host, for: browser, by: visitor, from: .commandLine)
        }
    }

    @Test func `a session has so many tickets, and is known by so many secrets, and no more`() throws {
        var tickets: [SecretToken] = []
        for _ in 0..<25 {
            tickets.append(try makeTicket())
            world.clock.advance(microseconds: 1)
        }
        #expect(try world.count("site_ticket") == Accounts.ticketLimit)
        #expect(throws: Accounts.TicketRefused.self) { try redeem(tickets[4]) }
        var sites: [SiteSession] = []
        for ticket in tickets.suffix(10) {
            sites.append(try redeem(ticket))
            world.clock.advance(microseconds: 1)
        }
        #expect(try world.count("site_session") == Accounts.siteSessionLimit)
        #expect(try visitor(sites[1]) == nil)
        #expect(try visitor(sites[2]) != nil)
        #expect(try visitor(sites[9]) != nil)
    }
}

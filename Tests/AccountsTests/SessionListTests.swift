import Testing

@testable import Accounts

struct SessionListTests {
    private let world: World
    private let first: NewSession
    private let second: NewSession
    private let bobs: NewSession

    init() throws {
        world = try World()
        first = try world.signUp("ada@example.com")
        world.clock.advance(seconds: 30)
        second = try world.logIn("ada@example.com")
        bobs = try world.signUp("bob@example.com")
    }

    @Test func `a person sees where he is logged in, the last used first`() throws {
        let sessions = try world.accounts.sessions(of: first.userID)
        #expect(sessions.map(\.id) == [second.id, first.id])
        #expect(sessions[0].userAgent == "a browser")
        #expect(sessions[0].clientAddress == "192.0.2.10")
        world.clock.advance(seconds: 120)
        _ = try world.accounts.standing(
            session: first.token, from: Client(address: "2001:db8::1", userAgent: "a browser"))
        let later = try world.accounts.sessions(of: first.userID)
        #expect(later.map(\.id) == [first.id, second.id])
        #expect(later[0].clientAddress == "2001:db8::1")
        #expect(later[0].startedAt < later[0].lastSeenAt)
    }

    @Test func `one is ended, by its owner only`() throws {
        let bob = try #require(try world.visitor(bobs))
        let ada = try #require(try world.visitor(first))
        #expect(try !world.accounts.endSession(second.id, of: bob, from: .somewhere))
        #expect(try world.visitor(second) != nil)
        #expect(try world.accounts.endSession(second.id, of: ada, from: .somewhere))
        #expect(try world.visitor(second) == nil)
        #expect(try world.visitor(first) != nil)
        #expect(try !world.accounts.endSession(second.id, of: ada, from: .somewhere))
    }

    @Test func `all others are ended`() throws {
        let visitor = try #require(try world.visitor(first))
        try world.accounts.endOtherSessions(of: visitor, from: .somewhere)
        #expect(try world.visitor(first) != nil)
        #expect(try world.visitor(second) == nil)
        // Not those of other people.
        #expect(try world.count("session") == 2)
    }

    @Test func `everybody's sessions end but the one that asks`() throws {
        let ada = try #require(try world.visitor(first))
        try world.accounts.endEverybodysSessions(by: .requester(ada.requester), from: .somewhere)
        #expect(try world.visitor(first) != nil)
        #expect(try world.visitor(second) == nil)
        #expect(try world.visitor(bobs) == nil)
        #expect(try world.count("session") == 1)
        let event = try #require(try world.accounts.audit(AuditFilter(), before: nil).first)
        #expect(event.action == .sessionsEnded && event.detail == "everybody")
        #expect(event.actor?.email == "ada@example.com")
    }

    @Test func `the command line ends everybody's sessions, as does an API token`() throws {
        try world.accounts.endEverybodysSessions(by: .commandLine, from: .commandLine)
        #expect(try world.count("session") == 0)
        _ = try world.logIn("bob@example.com")
        let ada = try world.accounts.requester(first.userID)
        try world.accounts.endEverybodysSessions(by: .requester(ada), from: .somewhere)
        #expect(try world.count("session") == 0)
    }

    @Test func `expired ones are not shown`() throws {
        world.clock.advance(seconds: SessionPolicy.standard.maximumIdleTime * 60)
        #expect(try world.accounts.sessions(of: first.userID).isEmpty)
    }

    @Test func `an endless user agent is cut`() throws {
        let long = Client(address: "", userAgent: String(repeating: "é", count: 1000))
        #expect(long.userAgent.utf8.count <= Client.userAgentLimit + 3)
    }

    @Test func `of too many sessions the one that was used longest ago ends`() throws {
        for _ in 1..<Accounts.sessionLimit {
            world.clock.advance(seconds: 1)
            _ = try world.logIn("ada@example.com")
        }
        #expect(try world.accounts.sessions(of: first.userID).count == Int(Accounts.sessionLimit))
        #expect(try world.visitor(first) == nil)
        #expect(try world.visitor(second) != nil)
    }
}

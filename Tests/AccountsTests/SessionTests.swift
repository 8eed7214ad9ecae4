import Database
import Testing

@testable import Accounts

struct SessionTests {
    private let world: World
    private let session: NewSession
    private let policy = SessionPolicy.standard

    init() throws {
        world = try World()
        session = try world.signUp("a@example.com")
    }

    private func isAlive() throws -> Bool {
        try world.visitor(session) != nil
    }

    @Test func `a session ends after three idle days, to the second`() throws {
        world.clock.advance(seconds: 3 * 86_400 - 1)
        #expect(try isAlive())
        // Being seen starts the days again.
        world.clock.advance(seconds: 3 * 86_400 - 1)
        #expect(try isAlive())
        world.clock.advance(seconds: 3 * 86_400)
        #expect(try !isAlive())
    }

    @Test func `a session ends after eight days, however busy, to the second`() throws {
        for _ in 0..<7 {
            world.clock.advance(seconds: 86_400)
            #expect(try isAlive())
        }
        world.clock.advance(seconds: 86_399)
        #expect(try isAlive())
        world.clock.advance(microseconds: 999_999)
        #expect(try isAlive())
        world.clock.advance(microseconds: 1)
        #expect(try !isAlive())
    }

    @Test func `the policy of the organization decides`() throws {
        try world.database.write {
            try $0.rows("UPDATE organization SET max_session_age_minutes = 3, max_idle_minutes = 2")
        }
        world.clock.advance(seconds: 119)
        #expect(try isAlive())
        world.clock.advance(seconds: 60)
        #expect(try isAlive())
        world.clock.advance(seconds: 1)
        #expect(try !isAlive())
    }

    private func lastSeen() throws -> Int64 {
        try #require(try world.database.read { try $0.row("SELECT last_seen_at FROM session") }).integer(0)
    }

    @Test func `a visit is noted at most once a minute`() throws {
        let start = world.clock.now
        world.clock.advance(microseconds: 59_999_999)
        #expect(try isAlive())
        #expect(try lastSeen() == start.microseconds)
        #expect(try world.member("a@example.com")?.user.lastActiveAt == start)
        world.clock.advance(microseconds: 1)
        #expect(try isAlive())
        #expect(try lastSeen() == world.clock.now.microseconds)
        #expect(try world.member("a@example.com")?.user.lastActiveAt == world.clock.now)
        let seen = world.clock.now
        world.clock.advance(seconds: 30)
        #expect(try isAlive())
        #expect(try lastSeen() == seen.microseconds)
    }

    @Test func `an ended session is worth nothing, others go on`() throws {
        let other = try world.logIn("a@example.com")
        let visitor = try #require(try world.visitor(session))
        #expect(visitor.sessionID == session.id)
        try world.accounts.logOut(visitor, from: .somewhere)
        #expect(try !isAlive())
        #expect(try world.visitor(other) != nil)
        try world.accounts.logOut(visitor, from: .somewhere)
    }

    @Test(arguments: ["", "x", String(repeating: "A", count: 43), "' OR 1=1 --", "\0"])
    func `a made-up cookie belongs to nobody`(token: String) throws {
        #expect(
            try world.accounts.standing(session: SecretToken(claimed: token), from: .somewhere).visitor == nil
        )
    }

    @Test func `the stored hash of a session is no key to it`() throws {
        let hash = try #require(try world.database.read { try $0.row("SELECT token_hash FROM session") })
            .bytes(0)
        #expect(hash.count == 32)
        #expect(hash != Array(session.token.text.utf8))
        #expect(
            try world.accounts.standing(
                session: SecretToken(claimed: String(decoding: hash, as: UTF8.self)), from: .somewhere
            )
            .visitor == nil)
    }

    @Test func `without a cookie there is the organization but no visitor`() throws {
        let standing = try world.accounts.standing(session: nil, from: .somewhere)
        #expect(standing.organization?.id == 1)
        #expect(standing.visitor == nil)
        let empty = try World().accounts.standing(session: session.token, from: .somewhere)
        #expect(empty.organization == nil)
        #expect(empty.visitor == nil)
    }

    @Test func `the session of a removed member is worth nothing`() throws {
        let other = try world.signUp("b@example.com")
        try world.remove("a@example.com")
        #expect(try !isAlive())
        #expect(try world.accounts.standing(session: session.token, from: .somewhere).organization != nil)
        #expect(try world.visitor(other) != nil)
    }

    @Test func `a session belongs to its own user`() throws {
        let other = try world.signUp("b@example.com")
        #expect(try world.visitor(session)?.member.user.email.text == "a@example.com")
        #expect(try world.visitor(other)?.member.user.email.text == "b@example.com")
    }

    @Test func `a log-in clears one's own expired sessions, tidying those of all`() throws {
        try world.signUp("b@example.com")
        world.clock.advance(seconds: 3 * 86_400)
        _ = try world.logIn("a@example.com")
        #expect(try world.count("session") == 2)
        try world.accounts.tidy()
        #expect(try world.count("session") == 1)
    }
}

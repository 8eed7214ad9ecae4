import Database
import SQLite
import Secrets
import Synchronization
import Testing

@testable import Accounts

struct AuditTests {
    private let world: World

    init() throws {
        world = try World()
        try world.signUp("ada@example.com")
        try world.signUp("bob@example.com")
    }

    private func actions(_ filter: AuditFilter = AuditFilter()) throws -> [AuditEvent.Action] {
        try world.accounts.audit(filter, before: nil).map(\.action)
    }

    @Test func `an act and its event are stored together or not at all`() throws {
        let before = try world.count("audit_event")
        #expect(throws: Accounts.EmailTaken.self) { try world.signUp("bob@example.com") }
        #expect(try world.count("audit_event") == before)
    }

    @Test func `a refused log-in names the account that exists, and hides what is none`() throws {
        #expect(throws: Accounts.LogInRefused.self) { try world.logIn("bob@example.com", "wrong password") }
        #expect(throws: Accounts.LogInRefused.self) { try world.logIn("hunter2 hunter2", "wrong password") }
        let events = try world.accounts.audit(AuditFilter(action: .logInRefused), before: nil)
        #expect(events.count == 2)
        #expect(events[1].subject?.email == "bob@example.com")
        #expect(events[1].actor == nil)
        #expect(events[1].detail == "wrong-password")
        #expect(events[1].clientAddress == "192.0.2.10")
        #expect(events[0].subject == nil)
        #expect(events[0].detail.hasPrefix("unknown-email "))
        #expect(!events[0].detail.contains("hunter2"))
        // The same text has the same name here, and another one elsewhere.
        let name = world.accounts.pseudonym(ofEmail: "hunter2 hunter2")
        #expect(events[0].detail.hasSuffix(name))
        let elsewhere = try World.open(SQLiteDatabase(), key: MasterKey([UInt8](repeating: 7, count: 32))!)
        #expect(elsewhere.pseudonym(ofEmail: "hunter2 hunter2") != name)
    }

    @Test func `events are filtered by kind, person and time`() throws {
        world.clock.advance(seconds: 86_400)
        _ = try world.logIn("bob@example.com")
        let day = Timestamp(date: world.clock.now.date)
        #expect(try actions(AuditFilter(action: .loggedIn)) == [.loggedIn])
        #expect(try actions(AuditFilter(since: day)) == [.loggedIn])
        #expect(try actions(AuditFilter(until: day)) == [.signedUp, .signedUp])
        #expect(try actions(AuditFilter(person: "ADA@")) == [.signedUp])
        // The wildcards of LIKE are characters here.
        for pattern in ["%", "_", "!", "b%b"] {
            #expect(try actions(AuditFilter(person: pattern)) == [])
        }
    }

    @Test func `events come in pages, the newest first`() throws {
        for _ in 1...Accounts.auditPageSize { _ = try world.logIn("bob@example.com") }
        let first = try world.accounts.audit(AuditFilter(), before: nil)
        #expect(first.count == Accounts.auditPageSize)
        let rest = try world.accounts.audit(AuditFilter(), before: first.last?.id)
        #expect(rest.map(\.action) == [.signedUp, .signedUp])
    }

    @Test func `a member sees what he did and what was done to him`() throws {
        let bob = try #require(try world.member("bob@example.com")).user.id
        try world.accounts.deactivate(bob, by: .commandLine, from: .commandLine)
        let events = try world.accounts.audit(of: bob, before: nil)
        #expect(events.map(\.action) == [.memberDeactivated, .signedUp])
        #expect(events[0].clientAddress == "command line")
    }

    @Test func `what is older than the operator keeps is removed`() throws {
        world.clock.advance(seconds: 89 * 86_400)
        _ = try world.logIn("bob@example.com")
        world.clock.advance(seconds: 86_401)
        try world.accounts.tidy()
        #expect(try actions() == [.loggedIn])
    }

    @Test func `whoever listens hears of an event once it is stored`() throws {
        let heard = Atomic(0)
        let clock = MovableClock()
        let accounts = try Accounts(
            database: world.database, key: World.key, passwords: PasswordHasher(cost: World.cheap),
            rules: .init(isSignUpOpen: true, passwordMinimum: 8), randomness: .system, now: { clock.now },
            observe: { _ in heard.add(1, ordering: .relaxed) })
        try accounts.record(.loggedIn, by: nil, from: .somewhere)
        #expect(heard.load(ordering: .relaxed) == 1)
        #expect(throws: Accounts.EmailTaken.self) {
            try accounts.signUp(
                email: EmailAddress(parsing: "bob@example.com"), password: Password(claimed: World.password),
                token: nil, allowsNewsletters: nil, from: .somewhere)
        }
        #expect(heard.load(ordering: .relaxed) == 1)
    }

    @Test func `a flood of refused log-ins does not fill the audit`() throws {
        for _ in 1...2_100 {
            #expect(throws: Accounts.LogInRefused.self) { try world.logIn("bob@example.com", "wrong") }
        }
        #expect(try world.count("audit_event") == 2 + 2_000)
        world.clock.advance(seconds: 1)
        #expect(throws: Accounts.LogInRefused.self) { try world.logIn("bob@example.com", "wrong") }
        #expect(try world.count("audit_event") == 2 + 2_001)
    }
}

import Database
import Secrets
import Testing

@testable import Accounts

struct LogInTests {
    private let world: World

    init() throws {
        world = try World()
        try world.signUp("a@example.com")
    }

    private func cause(_ email: String, _ password: String) -> Accounts.LogInRefused.Cause? {
        #expect(throws: Accounts.LogInRefused.self) { try world.logIn(email, password) }?.cause
    }

    @Test(arguments: ["a@example.com", " A@EXAMPLE.com "])
    func `the right password starts a session`(email: String) throws {
        let session = try world.logIn(email)
        #expect(!session.isPersistent)
        #expect(try world.visitor(session)?.member.user.email.text == "a@example.com")
        let kept = try world.accounts.logIn(
            email: email, password: Password(claimed: World.password), isPersistent: true, from: .somewhere)
        #expect(kept.isPersistent)
    }

    @Test func `every log-in has a token of its own, and only its hash is stored`() throws {
        let sessions = try (0..<3).map { _ in try world.logIn("a@example.com") }
        #expect(Set(sessions.map(\.token.text)).count == 3)
        for session in sessions { #expect(session.token.text.utf8.count == 43) }
        #expect(try world.count("session") == 4)
    }

    @Test(arguments: [
        "Correct horse", "correct horse ", " correct horse", "correct hors", "", "correct horse\0",
        String(repeating: "x", count: 1025), String(repeating: "x", count: 1_000_000),
    ])
    func `any other password is refused`(password: String) throws {
        #expect(cause("a@example.com", password) == .wrongPassword)
        #expect(try world.count("session") == 1)
    }

    @Test(arguments: ["b@example.com", "", "nonsense", "a@b", String(repeating: "a", count: 300)])
    func `an address without an account is refused`(email: String) {
        #expect(cause(email, World.password) == .unknownEmail)
    }

    @Test func `a removed member is told so, but only with the right password`() throws {
        try world.remove("a@example.com")
        #expect(cause("a@example.com", World.password) == .removed)
        #expect(cause("a@example.com", "wrong password") == .wrongPassword)
        #expect(try world.count("session") == 0)
    }

    private func storedHash() throws -> String {
        try #require(try world.database.read { try $0.row("SELECT password_hash FROM user_account") }).text(0)
    }

    @Test func `a log-in replaces a hash of another cost, and nothing else does`() throws {
        let before = try storedHash()
        _ = try world.logIn("a@example.com")
        #expect(try storedHash() == before)

        let stronger = try world.reopened(cost: .init(memory: 16_384, passes: 2))
        #expect(throws: Accounts.LogInRefused.self) {
            try stronger.logIn(
                email: "a@example.com", password: Password(claimed: "wrong password"), isPersistent: false,
                from: .somewhere)
        }
        #expect(try storedHash() == before)
        _ = try stronger.logIn(
            email: "a@example.com", password: Password(claimed: World.password), isPersistent: false,
            from: .somewhere)
        let after = try storedHash()
        #expect(after.contains("$m=16,t=2,p=1$"))
        _ = try stronger.logIn(
            email: "a@example.com", password: Password(claimed: World.password), isPersistent: false,
            from: .somewhere)
        #expect(try storedHash() == after)
    }

    @Test func `a log-in notes when the person was active`() throws {
        world.clock.advance(seconds: 30)
        _ = try world.logIn("a@example.com")
        #expect(try world.member("a@example.com")?.user.lastActiveAt == world.clock.now)
    }

    /// The password was checked before the change, the session starts after it:
    /// whoever has only the old password must not stay in.
    @Test func `a log-in that a change of the password overtakes is refused`() throws {
        let visitor = try #require(try world.visitor(try world.logIn("a@example.com")))
        let interposed = Interposed(world.database) { [world] in
            _ = try world.accounts.changePassword(
                of: visitor, current: Password(claimed: World.password),
                new: Password(new: "battery staple", minimum: 8, knowing: []), from: .somewhere)
        }
        let accounts = try World.open(interposed, clock: world.clock, randomness: .system)
        interposed.arm()
        #expect(throws: Accounts.LogInRefused.self) {
            try accounts.logIn(
                email: "a@example.com", password: Password(claimed: World.password), isPersistent: false,
                from: .somewhere)
        }
        #expect(interposed.hasRun)
        #expect(try world.count("session") == 1)
    }

    @Test func `a log-in that a removal overtakes gives no access`() throws {
        let interposed = Interposed(world.database) { [world] in try world.remove("a@example.com") }
        let accounts = try World.open(interposed, clock: world.clock, randomness: .system)
        interposed.arm()
        let session = try? accounts.logIn(
            email: "a@example.com", password: Password(claimed: World.password), isPersistent: false,
            from: .somewhere)
        #expect(interposed.hasRun)
        if let session { #expect(try world.visitor(session) == nil) }
    }
}

struct PasswordChangeTests {
    private let world: World
    private let mine: NewSession
    private let other: NewSession
    private let stranger: NewSession
    private let new: Password

    init() throws {
        world = try World()
        mine = try world.signUp("a@example.com")
        other = try world.logIn("a@example.com")
        stranger = try world.signUp("b@example.com")
        new = try Password(new: "battery staple", minimum: 8, knowing: [])
    }

    private func visitor() throws -> Visitor {
        try #require(try world.visitor(mine))
    }

    @Test func `a change needs the current password and ends all sessions but a new one`() throws {
        let next = try world.accounts.changePassword(
            of: visitor(), current: Password(claimed: World.password), new: new, from: .somewhere)
        #expect(try world.visitor(next) != nil)
        #expect(next.isPersistent == mine.isPersistent)
        // A copy of the cookie that asked is worth nothing either.
        #expect(try world.visitor(mine) == nil)
        #expect(try world.visitor(other) == nil)
        #expect(try world.visitor(stranger) != nil)
        #expect(throws: Accounts.LogInRefused.self) { try world.logIn("a@example.com") }
        _ = try world.logIn("a@example.com", "battery staple")
        _ = try world.logIn("b@example.com")
    }

    @Test(arguments: ["", "wrong password", "correct horse ", String(repeating: "x", count: 2_000)])
    func `with a wrong current password nothing changes`(current: String) throws {
        #expect(throws: Accounts.WrongPassword.self) {
            _ = try world.accounts.changePassword(
                of: visitor(), current: Password(claimed: current), new: new, from: .somewhere)
        }
        #expect(try world.visitor(other) != nil)
        _ = try world.logIn("a@example.com")
    }

    @Test func `of two changes at once one wins and the other is told`() throws {
        let visitor = try visitor()
        let interposed = Interposed(world.database) { [world] in
            _ = try world.accounts.changePassword(
                of: visitor, current: Password(claimed: World.password),
                new: Password(new: "the first change", minimum: 8, knowing: []), from: .somewhere)
        }
        let accounts = try World.open(interposed, clock: world.clock, randomness: .system)
        interposed.arm()
        // The first one has ended all sessions, the second's too.
        #expect(throws: Accounts.AccessEnded.self) {
            _ = try accounts.changePassword(
                of: visitor, current: Password(claimed: World.password), new: new, from: .somewhere)
        }
        _ = try world.logIn("a@example.com", "the first change")
    }

    @Test func `the command line sets a password, ends all sessions, and marks it as provisioned`() throws {
        let email = try EmailAddress(parsing: "a@example.com")
        #expect(try world.accounts.resetPassword(of: email, to: new) == .changed)
        #expect(try world.visitor(mine) == nil)
        #expect(try world.visitor(other) == nil)
        #expect(try world.visitor(stranger) != nil)
        #expect(try world.member("a@example.com")?.user.passwordProvisionedAt == world.clock.now)
        let session = try world.logIn("a@example.com", "battery staple")

        // Choosing one's own ends the warning.
        _ = try world.accounts.changePassword(
            of: #require(try world.visitor(session)), current: new,
            new: Password(new: "my own choice", minimum: 8, knowing: []), from: .somewhere)
        #expect(try world.member("a@example.com")?.user.passwordProvisionedAt == nil)
    }

    @Test func `the command line says if the password is the same, and then ends nothing`() throws {
        let same = try Password(new: World.password, minimum: 8, knowing: [])
        #expect(
            try world.accounts.resetPassword(of: EmailAddress(parsing: "a@example.com"), to: same)
                == .sameAsCurrent)
        #expect(try world.visitor(other) != nil)
    }

    @Test func `the command line finds no unknown or removed account`() throws {
        #expect(
            try world.accounts.resetPassword(of: EmailAddress(parsing: "c@example.com"), to: new)
                == .unknownEmail)
        try world.remove("a@example.com")
        #expect(
            try world.accounts.resetPassword(of: EmailAddress(parsing: "a@example.com"), to: new)
                == .unknownEmail)
    }
}

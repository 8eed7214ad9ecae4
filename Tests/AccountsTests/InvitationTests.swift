import Secrets
import Testing

@testable import Accounts

struct InvitationTests {
    /// Links that were sent must go on working after an update. Computed by
    /// Python: HMAC-SHA256 under the invitation subkey of the key 0, 1 … 31,
    /// of the id 1 in eight bytes and the nonce 0, 1 … 15.
    @Test func `the token of a link stays what it is`() throws {
        let world = try World(randomness: Randomness { Array(0..<UInt8($0)) })
        try world.signUp("a@example.com")
        #expect(try world.invitation() == "7c57825d868bfb6f927385df4984b9becf0cc648")
    }

    @Test func `the token has 40 hexadecimal digits and is the same each time and after a restart`() throws {
        let world = try World()
        try world.signUp("a@example.com")
        let token = try world.invitation()
        #expect(token.utf8.count == 40)
        #expect(token.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        #expect(try world.invitation() == token)
        let again = try world.reopened()
        #expect(again.invitationToken(of: try #require(try again.organization())) == token)
    }

    @Test func `another id or nonce has another token`() throws {
        let world = try World()
        let one = Organization(id: 1, title: "", inviteNonce: [1], sessionPolicy: .standard)
        let tokens = [
            one,
            Organization(id: 2, title: "", inviteNonce: [1], sessionPolicy: .standard),
            Organization(id: 1, title: "", inviteNonce: [2], sessionPolicy: .standard),
            Organization(id: 256, title: "", inviteNonce: [1], sessionPolicy: .standard),
        ].map(world.accounts.invitationToken)
        #expect(Set(tokens).count == 4)
        let titled = Organization(id: 1, title: "x", inviteNonce: [1], sessionPolicy: .standard)
        #expect(world.accounts.invitationToken(of: titled) == tokens[0])
    }

    @Test func `one link registers many people`() throws {
        let world = try World(isSignUpOpen: false)
        _ = try world.accounts.provision(
            email: EmailAddress(parsing: "owner@example.com"),
            password: Password(new: "correct horse", minimum: 8, knowing: []),
            token: nil)
        let token = try world.invitation()
        for number in 0..<5 { try world.signUp("\(number)@example.com", token: token) }
        #expect(try world.count("member") == 6)
    }

    @Test func `after a reset the old link is refused and the new one works, and people stay`() throws {
        let world = try World(isSignUpOpen: false)
        let setup = try #require(try world.accounts.makeSetupToken()).text
        try world.signUp("owner@example.com", token: setup)
        let old = try world.invitation()
        let session = try world.signUp("one@example.com", token: old)
        world.clock.advance(seconds: 5)
        let organization = try #require(
            try world.accounts.resetInvitation(by: .commandLine, from: .somewhere))
        let new = world.accounts.invitationToken(of: organization)
        #expect(new != old)
        #expect(try world.invitation() == new)
        #expect(throws: Admission.Refusal.invitationRefused) {
            try world.signUp("two@example.com", token: old)
        }
        try world.signUp("two@example.com", token: new)
        #expect(try world.visitor(session) != nil)
        #expect(try world.count("member") == 3)
    }

    /// The page was opened, and the password hashed, before the reset.
    @Test func `a reset between the first look at the link and the act counts`() throws {
        let world = try World(isSignUpOpen: false)
        let setup = try #require(try world.accounts.makeSetupToken()).text
        try world.signUp("owner@example.com", token: setup)
        let old = try world.invitation()
        let interposed = Interposed(world.database) {
            try world.accounts.resetInvitation(by: .commandLine, from: .somewhere)
        }
        let accounts = try World.open(
            interposed, isSignUpOpen: false, clock: world.clock, randomness: .system)
        interposed.arm()
        #expect(throws: Admission.Refusal.invitationRefused) {
            try accounts.signUp(
                email: EmailAddress(parsing: "late@example.com"),
                password: Password(new: "correct horse", minimum: 8, knowing: []),
                token: old, allowsNewsletters: nil, from: .somewhere)
        }
        #expect(interposed.hasRun)
        #expect(try world.member("late@example.com") == nil)
    }

    @Test func `the last reset says when it was and who did it`() throws {
        let world = try World()
        let user = try world.signUp("a@example.com").userID
        let organization = try #require(try world.accounts.organization())
        #expect(try world.accounts.lastInvitationReset(of: organization)?.instant == nil)
        world.clock.advance(seconds: 7)
        _ = try world.accounts.resetInvitation(
            by: .requester(world.accounts.requester(user)), from: .somewhere)
        let reset = try #require(try world.accounts.lastInvitationReset(of: organization))
        #expect(reset.instant == world.clock.now)
        #expect(reset.user?.text == "a@example.com")
        world.clock.advance(seconds: 7)
        _ = try world.accounts.resetInvitation(by: .commandLine, from: .somewhere)
        let again = try #require(try world.accounts.lastInvitationReset(of: organization))
        #expect(again.instant == world.clock.now)
        #expect(again.user == nil)
    }

    @Test func `without an organization there is nothing to reset`() throws {
        #expect(try World().accounts.resetInvitation(by: .commandLine, from: .somewhere) == nil)
    }
}

struct SetupTokenTests {
    private let world: World

    init() throws {
        world = try World(isSignUpOpen: false)
    }

    @Test func `a setup token makes the first account, once`() throws {
        let token = try #require(try world.accounts.makeSetupToken()).text
        #expect(token.utf8.count == 43)
        let session = try world.signUp("a@example.com", token: token)
        #expect(try #require(try world.visitor(session)).member.role == .owner)
        #expect(throws: Admission.Refusal.setupDone) { try world.signUp("b@example.com", token: token) }
        #expect(try world.count("user_account") == 1)
    }

    @Test func `a newer setup token replaces the older`() throws {
        let older = try #require(try world.accounts.makeSetupToken()).text
        let newer = try #require(try world.accounts.makeSetupToken()).text
        #expect(older != newer)
        #expect(throws: Admission.Refusal.setupNeeded) { try world.signUp("a@example.com", token: older) }
        try world.signUp("a@example.com", token: newer)
    }

    @Test func `looking at the page does not use up a setup token`() throws {
        let token = try #require(try world.accounts.makeSetupToken()).text
        for _ in 0..<3 { _ = try world.accounts.admission(token: token) }
        try world.signUp("a@example.com", token: token)
    }

    @Test func `no setup token is made once there is an account`() throws {
        let token = try #require(try world.accounts.makeSetupToken()).text
        try world.signUp("a@example.com", token: token)
        #expect(try world.accounts.makeSetupToken() == nil)
    }

    @Test func `an account that the operator makes ends the setup token`() throws {
        let token = try #require(try world.accounts.makeSetupToken()).text
        _ = try world.accounts.provision(
            email: EmailAddress(parsing: "a@example.com"),
            password: Password(new: "correct horse", minimum: 8, knowing: []),
            token: nil)
        #expect(throws: Admission.Refusal.setupDone) { try world.signUp("b@example.com", token: token) }
    }
}

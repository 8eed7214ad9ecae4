import Testing

@testable import Accounts

struct EmailChangeTests {
    private let world: World
    private let ada: Visitor

    init() throws {
        world = try World()
        ada = try #require(try world.visitor(world.signUp("ada@example.com")))
        try world.signUp("bob@example.com")
    }

    @discardableResult
    private func change(to email: String, _ password: String = World.password) throws -> NewSession {
        try world.accounts.changeEmail(
            of: ada, to: EmailAddress(parsing: email), password: Password(claimed: password), from: .somewhere
        )
    }

    @Test func `one logs in with the new address and no longer with the old one`() throws {
        try change(to: "lovelace@example.com")
        _ = try world.logIn("lovelace@example.com")
        #expect(throws: Accounts.LogInRefused.self) { try world.logIn("ada@example.com") }
        let event = try #require(
            try world.accounts.audit(AuditFilter(action: .emailChanged), before: nil).first)
        #expect(event.actor?.email == "ada@example.com")
        #expect(event.detail == "lovelace@example.com")
    }

    @Test func `the password is needed, and the address must be free`() throws {
        #expect(throws: Accounts.WrongPassword.self) { try change(to: "new@example.com", "wrong password") }
        #expect(throws: Accounts.EmailTaken.self) { try change(to: "bob@example.com") }
        #expect(try world.member("ada@example.com") != nil)
        #expect(try world.accounts.audit(AuditFilter(action: .emailChanged), before: nil).isEmpty)
    }

    @Test func `a set-password link that was sent to the old address ends`() throws {
        let link = try world.accounts.makeSetPasswordLink(
            for: ada.member.user.id, by: .commandLine, from: .commandLine)
        try change(to: "lovelace@example.com")
        #expect(throws: Accounts.LinkRefused.self) { try world.accounts.holder(ofSetPasswordLink: link) }
    }

    @Test func `every session ends but a new one`() throws {
        let before = try world.accounts.sessions(of: ada.member.user.id).map(\.id)
        let session = try change(to: "lovelace@example.com")
        let after = try world.accounts.sessions(of: ada.member.user.id).map(\.id)
        #expect(after == [session.id])
        #expect(!before.contains(session.id))
    }
}

import Testing

@testable import Accounts

struct AccountAddingTests {
    private let world: World

    init() throws {
        world = try World(isSignUpOpen: false)
    }

    private func add(_ email: String, _ password: String? = nil) throws -> SecretToken? {
        try world.accounts.addAccount(
            email: EmailAddress(parsing: email),
            password: password.map { try Password(new: $0, minimum: 8, knowing: []) })
    }

    @Test func `the first account owns the organization, the next ones are members`() throws {
        #expect(try add("ada@example.com", World.password) == nil)
        _ = try add("bob@example.com", World.password)
        #expect(try world.member("ada@example.com")?.role == .owner)
        #expect(try world.member("bob@example.com")?.role == .member)
        let session = try world.logIn("bob@example.com")
        #expect(try world.visitor(session)?.member.user.passwordProvisionedAt != nil)
    }

    @Test func `without a password nobody logs in before the link was used, once`() throws {
        let link = try #require(try add("ada@example.com"))
        for password in ["", Accounts.noPassword] {
            #expect(throws: Accounts.LogInRefused.self) { try world.logIn("ada@example.com", password) }
        }
        let new = try Password(new: World.password, minimum: 8, knowing: [])
        try world.accounts.setPassword(by: link, to: new, from: .somewhere)
        _ = try world.logIn("ada@example.com")
        #expect(throws: Accounts.LinkRefused.self) {
            try world.accounts.setPassword(by: link, to: new, from: .somewhere)
        }
    }

    @Test func `an address that has an account is left as it is`() throws {
        _ = try add("ada@example.com", World.password)
        let before = try (world.count("user_account"), world.count("audit_event"))
        for password in [nil, "kettle lantern 9"] {
            #expect(throws: Accounts.EmailTaken.self) { try add("ada@example.com", password) }
        }
        #expect(try (world.count("user_account"), world.count("audit_event")) == before)
        #expect(try world.count("set_password_link") == 0)
        _ = try world.logIn("ada@example.com")
    }

    @Test func `the audit tells of the account, and of the link`() throws {
        _ = try add("ada@example.com", World.password)
        _ = try add("bob@example.com")
        let events = try world.accounts.audit(AuditFilter(), before: nil)
        #expect(events.map(\.action) == [.passwordLinkMade, .accountMade, .accountMade])
        #expect(
            events.map { $0.subject?.email } == ["bob@example.com", "bob@example.com", "ada@example.com"])
        #expect(events.allSatisfy { $0.actor == nil && $0.clientAddress == Client.commandLine.address })
    }
}

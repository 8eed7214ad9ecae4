import Database
import Secrets
import Testing

@testable import Accounts

struct SetPasswordLinkTests {
    private let world: World
    private let owner: Accounts.Authority
    private let session: NewSession

    init() throws {
        world = try World()
        let ada = try world.signUp("ada@example.com")
        session = try world.signUp("bob@example.com")
        owner = .requester(try #require(try world.visitor(ada)).requester)
    }

    private func link() throws -> SecretToken {
        try world.accounts.makeSetPasswordLink(for: session.userID, by: owner, from: .somewhere)
    }

    private func use(_ link: SecretToken, _ password: String = "kettle lantern 9") throws {
        try world.accounts.setPassword(
            by: link, to: Password(new: password, minimum: 8, knowing: []), from: .somewhere)
    }

    @Test func `a link sets the password once, ends the sessions and replaces the token`() throws {
        let token = try world.accounts.apiToken(of: session.userID)
        let link = try link()
        #expect(try world.accounts.holder(ofSetPasswordLink: link).user.email.text == "bob@example.com")
        #expect(try world.visitor(session) != nil)
        try use(link)
        #expect(try world.visitor(session) == nil)
        #expect(try world.accounts.member(apiToken: token) == nil)
        #expect(throws: Accounts.LogInRefused.self) { try world.logIn("bob@example.com") }
        _ = try world.logIn("bob@example.com", "kettle lantern 9")
        #expect(throws: Accounts.LinkRefused.self) { try use(link, "kettle lantern 10") }
        #expect(throws: Accounts.LinkRefused.self) { try world.accounts.holder(ofSetPasswordLink: link) }
    }

    @Test func `a link works for 24 hours`() throws {
        let link = try link()
        world.clock.advance(seconds: 24 * 3600 - 1)
        _ = try world.accounts.holder(ofSetPasswordLink: link)
        world.clock.advance(seconds: 1)
        #expect(throws: Accounts.LinkRefused.self) { try use(link) }
        try world.accounts.tidy()
        #expect(try world.count("set_password_link") == 0)
    }

    @Test func `the newest link replaces the one before`() throws {
        let first = try link()
        let second = try link()
        #expect(throws: Accounts.LinkRefused.self) { try use(first) }
        try use(second)
    }

    @Test func `of 20 who use a link at once, one sets the password`() throws {
        let link = try link()
        let endings = inThreads(20) { index in
            do {
                try use(link, "kettle lantern \(index)")
                return true
            } catch {
                return false
            }
        }
        #expect(endings.filter { $0 }.count == 1)
    }

    @Test func `no link leads into an account that was removed or deactivated meanwhile`() throws {
        let link = try link()
        try world.accounts.deactivate(session.userID, by: owner, from: .somewhere)
        try world.accounts.reactivate(session.userID, by: owner, from: .somewhere)
        #expect(throws: Accounts.LinkRefused.self) { try use(link) }
        let other = try self.link()
        try world.accounts.remove(session.userID, by: owner, from: .somewhere)
        try world.accounts.restore(session.userID, by: owner, from: .somewhere)
        #expect(throws: Accounts.LinkRefused.self) { try use(other) }
    }

    @Test func `the database holds no token of a link`() throws {
        let link = try link()
        let row = try world.database.read { try $0.row("SELECT token_hash FROM set_password_link") }
        let stored = try #require(row).bytes(0)
        #expect(stored == link.hash)
        #expect(stored != Encoding.decodeBase64URL(link.text))
    }

    @Test(arguments: ["", "x", String(repeating: "A", count: 43)])
    func `what is no link is refused`(text: String) throws {
        _ = try link()
        #expect(throws: Accounts.LinkRefused.self) { try use(SecretToken(claimed: text)) }
    }

    @Test func `links end with the right of whoever made them`() throws {
        let carl = try world.signUp("carl@example.com")
        for end in [
            { try world.accounts.setRole(.member, of: session.userID, by: owner, from: .somewhere) },
            { try world.accounts.deactivate(session.userID, by: owner, from: .somewhere) },
            { try world.accounts.remove(session.userID, by: owner, from: .somewhere) },
        ] {
            try? world.accounts.restore(session.userID, by: owner, from: .somewhere)
            try? world.accounts.reactivate(session.userID, by: owner, from: .somewhere)
            try? world.accounts.setRole(.owner, of: session.userID, by: owner, from: .somewhere)
            let bob = try #require(try world.member("bob@example.com"))
            let link = try world.accounts.makeSetPasswordLink(
                for: carl.userID, by: .requester(world.accounts.requester(bob.user.id)), from: .somewhere)
            try end()
            #expect(throws: Accounts.LinkRefused.self) { try world.accounts.holder(ofSetPasswordLink: link) }
        }
    }

    @Test func `a change of the password ends a link that is under way`() throws {
        let link = try link()
        let bob = try #require(try world.visitor(session))
        _ = try world.accounts.changePassword(
            of: bob, current: Password(claimed: World.password),
            new: Password(claimed: "kettle lantern 9"), from: .somewhere)
        #expect(throws: Accounts.LinkRefused.self) { try world.accounts.holder(ofSetPasswordLink: link) }
        let other = try self.link()
        _ = try world.accounts.resetPassword(
            of: EmailAddress(parsing: "bob@example.com"), to: Password(claimed: "kettle lantern 10"))
        #expect(throws: Accounts.LinkRefused.self) { try world.accounts.holder(ofSetPasswordLink: other) }
    }
}

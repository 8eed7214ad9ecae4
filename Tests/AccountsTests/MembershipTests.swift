import Database
import Testing

@testable import Accounts

struct MembershipTests {
    private let world: World
    private let ada: Visitor
    private let bob: Visitor
    private let bobsSession: NewSession

    init() throws {
        world = try World()
        let adas = try world.signUp("ada@example.com")
        bobsSession = try world.signUp("bob@example.com")
        ada = try #require(try world.visitor(adas))
        bob = try #require(try world.visitor(bobsSession))
    }

    private var owner: Accounts.Authority { .requester(ada.requester) }
    private var bobsID: User.ID { bob.member.user.id }

    @Test func `removing ends sessions and token at once and replaces the invite link`() throws {
        let token = try world.accounts.apiToken(of: bobsID)
        let link = try world.invitation()
        try world.accounts.remove(bobsID, by: owner, from: .somewhere)
        #expect(try world.visitor(bobsSession) == nil)
        #expect(try world.accounts.member(apiToken: token) == nil)
        #expect(try world.invitation() != link)
        #expect(throws: Admission.Refusal.invitationRefused) {
            try world.signUp("new@example.com", token: link)
        }
        #expect(throws: Accounts.LogInRefused.self) { try world.logIn("bob@example.com") }
    }

    @Test func `whoever was removed can be let back in, with another token`() throws {
        let token = try world.accounts.apiToken(of: bobsID)
        try world.accounts.remove(bobsID, by: owner, from: .somewhere)
        let organization = try #require(try world.accounts.organization())
        #expect(try world.accounts.removedPeople(of: organization).map(\.member.user.id) == [bobsID])
        try world.accounts.restore(bobsID, by: owner, from: .somewhere)
        _ = try world.logIn("bob@example.com")
        #expect(try world.accounts.apiToken(of: bobsID) != token)
        #expect(try world.member("bob@example.com")?.role == .member)
    }

    @Test func `a deactivated member cannot get in by any way until he is reactivated`() throws {
        let token = try world.accounts.apiToken(of: bobsID)
        let link = try world.invitation()
        try world.accounts.deactivate(bobsID, by: owner, from: .somewhere)
        #expect(try world.visitor(bobsSession) == nil)
        #expect(try world.accounts.member(apiToken: token) == nil)
        #expect(try world.invitation() != link)
        #expect { try world.logIn("bob@example.com") } throws: {
            ($0 as? Accounts.LogInRefused)?.cause == .deactivated
        }
        #expect(throws: Accounts.MembershipRefusal.notPossible) {
            try world.accounts.makeSetPasswordLink(for: bobsID, by: owner, from: .somewhere)
        }
        try world.accounts.reactivate(bobsID, by: owner, from: .somewhere)
        _ = try world.logIn("bob@example.com")
        #expect(try world.accounts.member(apiToken: token)?.user.id == bobsID)
    }

    @Test func `only an owner acts upon others, and nobody upon himself`() throws {
        let acts: [(User.ID, Accounts.Authority) throws -> Void] = [
            { try world.accounts.remove($0, by: $1, from: .somewhere) },
            { try world.accounts.restore($0, by: $1, from: .somewhere) },
            { try world.accounts.deactivate($0, by: $1, from: .somewhere) },
            { try world.accounts.reactivate($0, by: $1, from: .somewhere) },
            { try world.accounts.setRole(.owner, of: $0, by: $1, from: .somewhere) },
            { try world.accounts.endSessions(of: $0, by: $1, from: .somewhere) },
            { _ = try world.accounts.makeSetPasswordLink(for: $0, by: $1, from: .somewhere) },
        ]
        for act in acts {
            #expect(throws: Accounts.MembershipRefusal.notOwner) {
                try act(ada.member.user.id, .requester(bob.requester))
            }
            #expect(throws: Accounts.MembershipRefusal.yourself) { try act(ada.member.user.id, owner) }
        }
        #expect(throws: Accounts.MembershipRefusal.notOwner) {
            try world.accounts.endEverybodysSessions(by: .requester(bob.requester), from: .somewhere)
        }
        #expect(try world.count("member") == 2)
    }

    @Test func `a role that was taken away acts no more, whatever the page was`() throws {
        try world.accounts.setRole(.owner, of: bobsID, by: owner, from: .somewhere)
        let bobAsOwner = try world.accounts.requester(bobsID)
        try world.accounts.setRole(.member, of: bobsID, by: owner, from: .somewhere)
        #expect(throws: Accounts.MembershipRefusal.notOwner) {
            try world.accounts.remove(ada.member.user.id, by: .requester(bobAsOwner), from: .somewhere)
        }
    }

    @Test func `there is always an owner`() throws {
        let adasID = ada.member.user.id
        let password = Password(claimed: World.password)
        let ways: [() throws -> Void] = [
            { try world.accounts.remove(adasID, by: .commandLine, from: .commandLine) },
            { try world.accounts.deactivate(adasID, by: .commandLine, from: .commandLine) },
            { try world.accounts.setRole(.member, of: adasID, by: .commandLine, from: .commandLine) },
            { try world.accounts.leave(ada, password: password, from: .somewhere) },
            { try world.accounts.deleteAccount(of: ada, password: password, from: .somewhere) },
        ]
        for way in ways {
            #expect(throws: Accounts.MembershipRefusal.lastOwner) { try way() }
        }
        try world.accounts.setRole(.owner, of: bobsID, by: owner, from: .somewhere)
        // A deactivated owner is none.
        try world.accounts.deactivate(bobsID, by: owner, from: .somewhere)
        for way in ways {
            #expect(throws: Accounts.MembershipRefusal.lastOwner) { try way() }
        }
        try world.accounts.reactivate(bobsID, by: owner, from: .somewhere)
        try world.accounts.leave(ada, password: password, from: .somewhere)
        #expect(try world.member("ada@example.com") == nil)
    }

    @Test func `two owners who put each other out at the same moment leave one`() throws {
        for _ in 1...10 {
            let world = try World()
            let one = try #require(try world.visitor(world.signUp("one@example.com"))).requester
            let two = try #require(try world.visitor(world.signUp("two@example.com"))).requester
            try world.accounts.setRole(
                .owner, of: two.member.user.id, by: .requester(one), from: .somewhere)
            _ = inThreads(2) { index in
                let (by, whom) = index == 0 ? (one, two) : (two, one)
                try? world.accounts.remove(whom.member.user.id, by: .requester(by), from: .somewhere)
            }
            #expect(try world.accounts.memberCount(of: one.member.organization) == 1)
        }
    }

    @Test func `deleting an account keeps its projects, without an author`() throws {
        let content = try Project.Content(title: "Birds", description: "")
        _ = try world.accounts.createProject(content, by: bob.requester, from: .somewhere)
        try world.accounts.deleteAccount(
            of: bob, password: Password(claimed: World.password), from: .somewhere)
        let projects = try world.accounts.projects(of: ada.member.organization)
        #expect(projects.map(\.title) == ["Birds"])
        #expect(projects.first.map { $0.author == nil } == true)
        #expect(try world.accounts.userID(email: EmailAddress(parsing: "bob@example.com")) == nil)
        #expect(try world.count("session") == 1)
        // What he did is still known.
        let events = try world.accounts.audit(AuditFilter(person: "bob@"), before: nil)
        #expect(events.contains { $0.action == .accountDeleted && $0.actor?.email == "bob@example.com" })
    }

    @Test func `leaving and deleting take the right password`() throws {
        for act in [Accounts.leave, Accounts.deleteAccount]
            as [(Accounts) -> (Visitor, Password, Client) throws -> Void]
        {
            #expect(throws: Accounts.WrongPassword.self) {
                try act(world.accounts)(bob, Password(claimed: "wrong password"), .somewhere)
            }
        }
        #expect(try world.visitor(bobsSession) != nil)
    }

    @Test func `whoever leaves takes no invite link along`() throws {
        let link = try world.invitation()
        try world.accounts.leave(bob, password: Password(claimed: World.password), from: .somewhere)
        #expect(try world.invitation() != link)
        let carl = try #require(try world.visitor(world.signUp("carl@example.com")))
        let other = try world.invitation()
        try world.accounts.deleteAccount(
            of: carl, password: Password(claimed: World.password), from: .somewhere)
        #expect(try world.invitation() != other)
    }

    @Test func `no act of somebody whose access has ended meanwhile is done`() throws {
        let token = try world.accounts.apiToken(of: bobsID)
        let byToken = try #require(try world.accounts.requester(apiToken: token))
        let acts: [(Requester) throws -> Void] = [
            { _ = try world.accounts.resetAPIToken(of: $0, from: .somewhere) },
            { try world.accounts.resetInvitation(by: .requester($0), from: .somewhere) },
            { try world.accounts.update($0.member.user.profile, of: $0, from: .somewhere) },
            { requester in
                let content = try Project.Content(title: "x", description: "")
                _ = try world.accounts.createProject(content, by: requester, from: .somewhere)
            },
        ]
        // He asked, and was logged out and removed before his turn came.
        try world.accounts.endSessions(of: bobsID, by: owner, from: .somewhere)
        for act in acts { #expect(throws: Accounts.AccessEnded.self) { try act(bob.requester) } }
        try world.accounts.remove(bobsID, by: owner, from: .somewhere)
        for act in acts { #expect(throws: Accounts.AccessEnded.self) { try act(byToken) } }
        try world.accounts.restore(bobsID, by: owner, from: .somewhere)
        for act in acts { #expect(throws: Accounts.AccessEnded.self) { try act(byToken) } }
        #expect(try world.count("project") == 0)
        #expect(throws: Accounts.AccessEnded.self) {
            try world.accounts.changePassword(
                of: bob, current: Password(claimed: World.password),
                new: Password(claimed: "kettle lantern 9"),
                from: .somewhere)
        }
    }
}

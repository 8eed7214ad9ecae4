import Accounts
import CannedServer
import Testing
import Upstream

@testable import Enrollment

/// What happens there after something happened here.
@Suite(.timeLimit(.minutes(10)))
struct FollowingTests {
    private let world: World
    private var labelStudio: CannedLabelStudio { world.labelStudio }

    init() throws {
        world = try World()
        #expect(try world.enter("owner@example.com") == .paired(1))
    }

    private func name(_ email: String, _ first: String, _ last: String) throws {
        let session = try world.accounts.logIn(
            email: email, password: Password(claimed: World.password), isPersistent: false, from: .somewhere)
        let visitor = try world.accounts.standing(session: session.token, from: .somewhere).visitor
        try world.accounts.update(
            User.Profile(firstName: first, lastName: last, phone: "", allowsNewsletters: nil),
            of: #require(visitor).requester, from: .somewhere)
    }

    private func sendAll() throws -> Int {
        let enroller = try world.enroller()
        let names = try enroller.namesToSend()
        for name in names { try enroller.send(name) }
        return names.count
    }

    @Test func `a new account has the names, and a new name is sent once`() throws {
        try name("dora@example.com", "Dora", "Ünal")
        #expect(try world.enter("dora@example.com") == .paired(2))
        #expect(labelStudio.people[1].firstName == "Dora")
        #expect(labelStudio.people[1].lastName == "Ünal")
        #expect(try sendAll() == 0)
        try name("dora@example.com", "Theodora", "Ünal")
        try name("emil@example.com", "Emil", "")
        #expect(try sendAll() == 1)
        #expect(labelStudio.people[1].firstName == "Theodora")
        try name("dora@example.com", "", "")
        #expect(try sendAll() == 1)
        #expect(labelStudio.people[1].firstName.isEmpty)
        #expect(try sendAll() == 0)
    }

    @Test func `a name that changes while it is sent is sent again`() throws {
        try name("owner@example.com", "One", "")
        let enroller = try world.enroller()
        let first = try #require(try enroller.namesToSend().first)
        try name("owner@example.com", "Two", "")
        try enroller.send(first)
        #expect(try enroller.namesToSend().map(\.firstName) == ["Two"])
    }

    @Test func `a name that cannot be sent stays to be sent, and nobody is held up`() throws {
        try name("owner@example.com", "One", "")
        labelStudio.change { $0.isUp = false }
        let enroller = try world.enroller()
        let first = try #require(try enroller.namesToSend().first)
        #expect(throws: UpstreamFailure.self) { try enroller.send(first) }
        #expect(try enroller.namesToSend() == [first])
        let elsewhere = try world.enroller(at: "http://127.0.0.1:1")
        #expect(try elsewhere.namesToSend().isEmpty)
    }

    @Test func `somebody is taken out of its organization, but not whose account is needed`() throws {
        #expect(try world.enter("dora@example.com") == .paired(2))
        let (owner, dora) = try (world.user("owner@example.com"), world.user("dora@example.com"))
        let enroller = try world.enroller()
        #expect(try enroller.remove(owner, by: owner, from: .somewhere) == .isNeeded)
        #expect(try enroller.remove(dora, by: owner, from: .somewhere) == .removed)
        #expect(labelStudio.people.map(\.isInOrganization) == [true, false])
        #expect(try enroller.remove(dora, by: owner, from: .somewhere) == .wasNotThere)
        #expect(
            try enroller.remove(world.user("emil@example.com"), by: owner, from: .somewhere) == .wasNotThere)
        let events = try world.accounts.audit(of: dora, before: nil).map(\.action)
        #expect(events.filter { $0 == .upstreamMemberRemoved }.count == 1)
    }

    @Test func `it is told how it does`() throws {
        let enroller = try world.enroller()
        #expect(try enroller.condition() == .answers(version: "1.23.2"))
        #expect(try enroller.isSignUpOpen())
        labelStudio.change {
            $0.version = "1.24.0"
            $0.isSignUpOpen = false
        }
        #expect(try enroller.condition() == .answers(version: "1.24.0"))
        #expect(try !enroller.isSignUpOpen())
        labelStudio.change { $0.createdAt = "2026-01-02T03:04:06.000000Z" }
        #expect(try enroller.condition() == .otherDatabase)
        #expect(try world.enroller(key: "another key").condition() == .wrongKey)
        #expect(try world.enroller(at: "http://127.0.0.1:1").condition() != .otherDatabase)
        let other = CannedLabelStudio()
        #expect(try world.enroller(at: other.address).condition() == .elsewhere(labelStudio.address))
        labelStudio.change { $0.isUp = false }
        guard case .failing = try enroller.condition() else {
            Issue.record("it does not fail")
            return
        }
    }
}

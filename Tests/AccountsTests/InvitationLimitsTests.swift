import Secrets
import Testing

@testable import Accounts

struct InvitationLimitsTests {
    private let world: World
    private let owner: Requester

    init() throws {
        world = try World()
        let session = try world.signUp("owner@example.com")
        owner = try #require(try world.visitor(session)).requester
    }

    private func limit(until: Timestamp? = nil, joins: Int64? = nil) throws {
        try world.accounts.limitInvitation(
            InvitationLimits(until: until, joinsLeft: joins), insteadOf: use().limits, by: owner,
            from: .somewhere)
    }

    private func use() throws -> InvitationUse {
        try world.accounts.invitationUse(of: try #require(try world.accounts.organization()))
    }

    @Test func `whoever joins by the link is counted, and nobody else`() throws {
        #expect(try use().joins == 0)
        try world.signUp("one@example.com", token: world.invitation())
        try world.signUp("two@example.com", token: world.invitation())
        try world.signUp("open@example.com")
        #expect(throws: Accounts.EmailTaken.self) {
            try world.signUp("two@example.com", token: world.invitation())
        }
        #expect(try use().joins == 2)
        #expect(try use().limits == InvitationLimits(until: nil, joinsLeft: nil))
    }

    @Test func `a reset begins to count anew`() throws {
        let beginning = world.clock.now
        try world.signUp("one@example.com", token: world.invitation())
        #expect(try use().since == beginning)
        world.clock.advance(seconds: 60)
        try world.accounts.resetInvitation(by: .commandLine, from: .somewhere)
        #expect(try use().joins == 0)
        #expect(try use().since == beginning + 60)
    }

    @Test func `as many join as an owner wanted, and no more`() throws {
        try limit(joins: 2)
        try world.signUp("one@example.com", token: world.invitation())
        try world.signUp("two@example.com", token: world.invitation())
        #expect(try use().limits.joinsLeft == 0)
        let members = try world.count("member")
        #expect(throws: Admission.Refusal.invitationUsedUp) {
            try world.signUp("three@example.com", token: world.invitation())
        }
        #expect(try world.count("member") == members)
        try limit(joins: 1)
        try world.signUp("three@example.com", token: world.invitation())
    }

    @Test func `who joins while an owner chooses a day stays counted`() throws {
        try limit(joins: 3)
        let shown = try use().limits
        try world.signUp("one@example.com", token: world.invitation())
        let until = world.clock.now + 60
        try world.accounts.limitInvitation(
            InvitationLimits(until: until, joinsLeft: 3), insteadOf: shown, by: owner, from: .somewhere)
        #expect(try use().limits == InvitationLimits(until: until, joinsLeft: 2))
    }

    @Test(arguments: [nil, 3] as [Int64?])
    func `a number that another owner has changed is not overwritten`(left: Int64?) throws {
        try limit(joins: left)
        let shown = try use().limits
        try limit(joins: 7)
        #expect(throws: Accounts.InvitationLimitsChanged.self) {
            try world.accounts.limitInvitation(
                InvitationLimits(until: world.clock.now + 60, joinsLeft: 5), insteadOf: shown, by: owner,
                from: .somewhere)
        }
        #expect(try use().limits == InvitationLimits(until: nil, joinsLeft: 7))
    }

    @Test func `nobody joins after the last day`() throws {
        try limit(until: world.clock.now + 60)
        world.clock.advance(seconds: 59)
        try world.signUp("one@example.com", token: world.invitation())
        world.clock.advance(seconds: 1)
        #expect(throws: Admission.Refusal.invitationExpired) {
            try world.signUp("two@example.com", token: world.invitation())
        }
        #expect(throws: Admission.Refusal.invitationExpired) {
            try world.accounts.admission(token: world.invitation())
        }
    }

    @Test func `a reset by a member opens the door no wider`() throws {
        let until = world.clock.now + 60
        try limit(until: until, joins: 1)
        let member = try world.signUp("one@example.com", token: world.invitation())
        let requester = try #require(try world.visitor(member)).requester
        try world.accounts.resetInvitation(by: .requester(requester), from: .somewhere)
        #expect(try use().limits == InvitationLimits(until: until, joinsLeft: 0))
        #expect(throws: Admission.Refusal.invitationUsedUp) {
            try world.signUp("two@example.com", token: world.invitation())
        }
    }

    @Test func `only an owner sets limits, and the audit has them`() throws {
        let member = try #require(try world.visitor(world.signUp("one@example.com"))).requester
        #expect(throws: Accounts.MembershipRefusal.notOwner) {
            try world.accounts.limitInvitation(
                InvitationLimits(until: nil, joinsLeft: nil), insteadOf: use().limits, by: member,
                from: .somewhere)
        }
        try limit(until: Timestamp(date: "2026-07-01"), joins: 25)
        let noted = try world.accounts.audit(AuditFilter(), before: nil).first
        #expect(noted?.detail == "invite-limits 2026-06-30 25")
    }
}

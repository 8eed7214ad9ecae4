import Accounts
import CannedServer
import Testing
import Upstream

@testable import Enrollment

@Suite(.timeLimit(.minutes(10)))
struct PairingTests {
    private let world: World
    private var labelStudio: CannedLabelStudio { world.labelStudio }

    init() throws {
        world = try World()
        labelStudio.add("chief@example.com", "chiefs password")
        labelStudio.add("dora@example.com", "doras password")
        labelStudio.change { $0.isSignUpOpen = false }
    }

    @Test func `the password of there shows who somebody is, whatever his address`() throws {
        #expect(
            try world.pair("dora@example.com", as: "dora@example.com", "doras password") == .notAdded)
        #expect(labelStudio.requests.isEmpty)
        #expect(
            try world.pair("owner@example.com", as: "chief@example.com", "wrong") == .wrongPassword)
        #expect(try world.accounts.upstream() == nil)
        #expect(
            try world.pair("owner@example.com", as: "chief@example.com", "chiefs password") == .paired(1))
        #expect(try world.accounts.upstream()?.serviceUser == 1)
        #expect(try world.origin("owner@example.com") == .password)
        #expect(try world.enter("owner@example.com") == .paired(1))

        #expect(try world.enter("dora@example.com") == .toBeConfirmed)
        #expect(try world.pair("dora@example.com", as: "dora@example.com", "wrong") == .wrongPassword)
        #expect(try world.enter("dora@example.com") == .toBeConfirmed)
        #expect(
            try world.pair("dora@example.com", as: "dora@example.com", "doras password") == .paired(2))
        #expect(try world.origin("dora@example.com") == .password)
        #expect(try world.enter("dora@example.com") == .paired(2))
    }

    @Test func `an account is one person's, and a person one there`() throws {
        #expect(
            try world.pair("owner@example.com", as: "chief@example.com", "chiefs password") == .paired(1))
        #expect(try world.pair("dora@example.com", as: "chief@example.com", "chiefs password") == .taken)
        #expect(
            try world.pair("owner@example.com", as: "dora@example.com", "doras password") == .pairedWith(1))
        #expect(
            try world.pair("owner@example.com", as: "chief@example.com", "chiefs password") == .paired(1))
    }

    @Test func `with a wrong key nothing is added`() throws {
        let stranger = try world.enroller(key: "another key")
        #expect(throws: UpstreamFailure.wrongKey) {
            try stranger.pair(
                world.user("owner@example.com"), email: EmailAddress(parsing: "chief@example.com"),
                password: "chiefs password", from: .somewhere)
        }
        #expect(try world.accounts.upstream() == nil)
    }

    @Test func `an owner is shown the account that has a person's address`() throws {
        #expect(
            try world.pair("owner@example.com", as: "chief@example.com", "chiefs password") == .paired(1))
        labelStudio.change { $0.people[1].firstName = "Dora" }
        let account = try world.enroller().account(withAddressOf: world.user("dora@example.com"))
        #expect(account?.id == 2)
        #expect(account?.name == "Dora")
        #expect(try world.enroller().account(withAddressOf: world.user("emil@example.com")) == nil)
    }
}

import Accounts
import CannedServer
import Testing
import Threads
import Upstream

@testable import Enrollment

@Suite(.timeLimit(.minutes(10)))
struct EnteringTests {
    private let world: World
    private var labelStudio: CannedLabelStudio { world.labelStudio }

    init() throws {
        world = try World()
    }

    /// What somebody gets who enters in threads of his own at the same moment.
    private func together(_ emails: [String]) throws -> [Enroller.Outcome] {
        let outcomes = Locked<[Enroller.Outcome]>([])
        let failures = Locked<[String]>([])
        let threads = emails.map { email in
            Thread { [world] in
                do {
                    let outcome = try world.enter(email)
                    outcomes.withLock { $0.append(outcome) }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(failures.withLock { $0 }.isEmpty)
        return outcomes.withLock { $0 }
    }

    @Test func `the first owner who enters adds it, and everybody else gets an account`() throws {
        #expect(try world.enter("dora@example.com") == .notAdded)
        #expect(labelStudio.requests.isEmpty)
        #expect(try world.enter("owner@example.com") == .paired(1))
        #expect(try world.accounts.upstream()?.serviceUser == 1)
        #expect(try world.enter("dora@example.com") == .paired(2))
        #expect(labelStudio.people.map(\.email) == ["owner@example.com", "dora@example.com"])
        #expect(labelStudio.requests.contains("POST /user/signup/?token=invitation"))
        let enroller = try world.enroller()
        #expect(try enroller.known(world.user("dora@example.com")) == 2)
        #expect(enroller.authorization(of: 2).hasPrefix("Bearer ey"))
    }

    @Test func `whoever is known is let in although it does not answer`() throws {
        #expect(try world.enter("owner@example.com") == .paired(1))
        let count = labelStudio.requests.count
        #expect(try world.enter("owner@example.com") == .paired(1))
        #expect(labelStudio.requests.count == count)
    }

    @Test func `two first requests of an owner at once make one account and one addition`() throws {
        labelStudio.change { $0.signUpTime = 300_000 }
        let outcomes = try together(Array(repeating: "owner@example.com", count: 4))
        #expect(outcomes == Array(repeating: .paired(1), count: 4))
        #expect(labelStudio.people.count == 1)
    }

    @Test func `two first requests of a member at once make one account`() throws {
        #expect(try world.enter("owner@example.com") == .paired(1))
        labelStudio.change { $0.signUpTime = 300_000 }
        let outcomes = try together(Array(repeating: "dora@example.com", count: 4))
        #expect(outcomes == Array(repeating: .paired(2), count: 4))
        #expect(labelStudio.people.count == 2)
    }

    @Test func `two owners at once add it once`() throws {
        try world.accounts.setRole(
            .owner, of: world.user("dora@example.com"), by: .commandLine, from: .commandLine)
        labelStudio.change { $0.signUpTime = 300_000 }
        let outcomes = try together(["owner@example.com", "dora@example.com"])
        #expect(Set(outcomes.map { "\($0)" }) == ["paired(1)", "paired(2)"])
        #expect(labelStudio.people.count == 2)
    }

    @Test func `whoever waits too long is told that somebody is at it`() throws {
        #expect(try world.enter("owner@example.com") == .paired(1))
        let dora = try world.user("dora@example.com")
        guard case .claimed(let claim) = try world.accounts.enterUpstream(dora, from: .somewhere) else {
            Issue.record("no claim")
            return
        }
        let impatient = try world.enroller(patience: .milliseconds(500))
        #expect(try impatient.enter(dora, from: .somewhere) == .busy)
        try world.accounts.release(claim)
        #expect(try impatient.enter(dora, from: .somewhere) == .paired(2))
    }

    @Test func `an equal address never joins, of an owner neither`() throws {
        labelStudio.add("owner@example.com")
        #expect(
            try world.enter("owner@example.com")
                == .refused(.ownerIsThere(EmailAddress(parsing: "owner@example.com"))))
        #expect(try world.accounts.upstream() == nil)
        labelStudio.add("dora@example.com")
        _ = try world.enroller().add(as: EmailAddress(parsing: "owner@example.com"), from: .commandLine)
        #expect(try world.enter("dora@example.com") == .toBeConfirmed)
        #expect(try world.enter("owner@example.com") == .toBeConfirmed)
        #expect(try world.accounts.upstreamUser(of: world.user("owner@example.com")) == nil)
    }

    @Test func `a closed one is not added by entering`() throws {
        labelStudio.add("chief@example.com")
        labelStudio.change { $0.isSignUpOpen = false }
        #expect(try world.enter("owner@example.com") == .refused(.closed))
        #expect(try world.accounts.upstream() == nil)
    }

    @Test func `nobody enters another one than was added`() throws {
        #expect(try world.enter("owner@example.com") == .paired(1))
        let other = CannedLabelStudio()
        let elsewhere = try world.enroller(at: other.address)
        let owner = try world.user("owner@example.com")
        #expect(try elsewhere.known(owner) == nil)
        #expect(try elsewhere.enter(owner, from: .somewhere) == .elsewhere(labelStudio.address))
        let pairing = try elsewhere.pair(
            owner, email: EmailAddress(parsing: "a@example.com"), password: "b", from: .somewhere)
        #expect(pairing == .elsewhere(labelStudio.address))
        #expect(other.requests.isEmpty)
    }

    @Test func `at another database nobody is anybody, until the right one is back`() throws {
        #expect(try world.enter("owner@example.com") == .paired(1))
        #expect(try world.enter("dora@example.com") == .paired(2))
        let enroller = try world.enroller()
        let dora = try world.user("dora@example.com")
        labelStudio.change { $0.createdAt = "2027-01-02T03:04:05.678901Z" }
        let emil = try world.user("emil@example.com")
        #expect(try enroller.enter(emil, from: .somewhere) == .otherDatabase)
        #expect(labelStudio.people.count == 2)
        #expect(try enroller.known(dora) == nil)
        #expect(try enroller.enter(dora, from: .somewhere) == .otherDatabase)
        let pairing = try enroller.pair(
            emil, email: EmailAddress(parsing: "emil@example.com"), password: "b", from: .somewhere)
        #expect(pairing == .otherDatabase)
        labelStudio.change { $0.createdAt = "2026-01-02T03:04:05.678901Z" }
        #expect(try enroller.enter(dora, from: .somewhere) == .paired(2))
        #expect(try enroller.known(dora) == 2)
        #expect(try enroller.enter(emil, from: .somewhere) == .paired(3))
    }

    @Test func `a failure leaves the next try free`() throws {
        #expect(try world.enter("owner@example.com") == .paired(1))
        labelStudio.change { $0.isUp = false }
        #expect(throws: UpstreamFailure.self) { try world.enter("dora@example.com") }
        labelStudio.change { $0.isUp = true }
        #expect(try world.enter("dora@example.com") == .paired(2))
        let stranger = try world.enroller(key: "another key")
        #expect(throws: UpstreamFailure.unknownUser(1)) {
            try stranger.enter(world.user("emil@example.com"), from: .somewhere)
        }
    }

    @Test func `it is told why somebody is not let in`() throws {
        #expect(try world.enter("owner@example.com") == .paired(1))
        labelStudio.add("gone@example.com") { $0.isInOrganization = false }
        labelStudio.add("off@example.com") { $0.isActive = false }
        let enroller = try world.enroller()
        #expect(try enroller.admission(of: 1) == .fine)
        #expect(try enroller.admission(of: 2) == .withoutOrganization)
        #expect(try enroller.admission(of: 3) == .unknown)
        #expect(try enroller.admission(of: 99) == .unknown)
        #expect(try world.enroller(key: "another key").admission(of: 1) == .wrongKey)
        labelStudio.change { $0.isUp = false }
        #expect(throws: UpstreamFailure.self) { try enroller.admission(of: 1) }
    }
}

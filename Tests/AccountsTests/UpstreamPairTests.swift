import Database
import Predecessor
import SQLite
import Testing

@testable import Accounts

struct UpstreamPairTests {
    private let world: World
    private let upstream = UpstreamSite(
        address: "http://127.0.0.1:8081", source: Timestamp(microseconds: 5), organization: 1, serviceUser: 1)

    init() throws {
        world = try World()
        try world.signUp("owner@example.com")
        try world.signUp("dora@example.com")
    }

    private var accounts: Accounts { world.accounts }

    private func user(_ email: String) throws -> User.ID {
        try #require(try accounts.userID(email: EmailAddress(parsing: email)))
    }

    private func claim(_ email: String = "dora@example.com") throws -> UpstreamClaim {
        let entry = try accounts.enterUpstream(user(email), from: .somewhere)
        guard case .claimed(let claim) = entry else { throw Unexpected(entry: entry) }
        return claim
    }

    private struct Unexpected: Error {
        let entry: UpstreamEntry
    }

    private func isBusy(_ email: String = "dora@example.com") throws -> Bool {
        if case .busy = try accounts.enterUpstream(user(email), from: .somewhere) { true } else { false }
    }

    private func state(_ email: String) throws -> UpstreamStanding.State? {
        try accounts.upstreamStandings().first { $0.email.text == email }?.state
    }

    private func confirm(_ email: String, _ number: Int64, by authority: Accounts.Authority = .commandLine)
        throws
    {
        try accounts.confirmPair(of: user(email), with: number, by: authority, from: .commandLine)
    }

    @Test func `there is one upstream, which can be taken away`() throws {
        #expect(try accounts.upstream() == nil)
        #expect(try accounts.removeUpstream(from: .commandLine) == nil)
        try accounts.add(upstream, from: .commandLine)
        #expect(throws: Accounts.UpstreamPresent.self) { try accounts.add(upstream, from: .commandLine) }
        #expect(try accounts.upstream() == upstream)
        #expect(try accounts.removeUpstream(from: .commandLine) == upstream)
        #expect(try accounts.upstream() == nil)
    }

    @Test func `without an upstream nobody is anybody there`() throws {
        #expect(try state("dora@example.com") == .new)
        #expect(try accounts.upstreamUser(of: user("dora@example.com")) == nil)
        #expect(throws: Accounts.PairRefusal.noUpstream) { try claim() }
        #expect(throws: Accounts.PairRefusal.noUpstream) { try confirm("dora@example.com", 7) }
    }

    @Test func `an account that was made there is the person's, once and for all`() throws {
        try accounts.add(upstream, from: .commandLine)
        let claim = try claim()
        #expect(claim.email.text == "dora@example.com")
        #expect(claim.password.utf8.count >= 43)
        try accounts.settle(claim, as: 7, from: .somewhere)
        #expect(try state("dora@example.com") == .paired(7, .provisioned, since: world.clock.now))
        #expect(try accounts.upstreamUser(of: user("dora@example.com")) == 7)
        guard case .paired(7) = try accounts.enterUpstream(user("dora@example.com"), from: .somewhere) else {
            Issue.record("not paired")
            return
        }
        // Whoever had taken the claim over meanwhile has made the same account.
        try accounts.settle(claim, as: 7, from: .somewhere)
        #expect(throws: Accounts.PairRefusal.pairedWith(7)) {
            try accounts.settle(claim, as: 8, from: .somewhere)
        }
        #expect(throws: Accounts.PairRefusal.taken(by: claim.email)) {
            try accounts.settle(self.claim("owner@example.com"), as: 7, from: .somewhere)
        }
        #expect(try world.count("upstream_pair") == 1)
    }

    @Test func `of many who come at once one makes the account`() throws {
        try accounts.add(upstream, from: .commandLine)
        let user = try user("dora@example.com")
        let entries = inThreads(16) { _ in try? accounts.enterUpstream(user, from: .somewhere) }
        let (claimed, busy) = entries.reduce(into: (0, 0)) { counts, entry in
            switch entry {
            case .claimed: counts.0 += 1
            case .busy: counts.1 += 1
            case .paired, .toBeConfirmed, nil: break
            }
        }
        #expect(claimed == 1)
        #expect(busy == 15)
    }

    @Test func `a claim that was left is taken over as it is`() throws {
        try accounts.add(upstream, from: .commandLine)
        let first = try claim()
        world.clock.advance(seconds: UpstreamClaim.lifetime - 1)
        #expect(try isBusy())
        #expect(try state("dora@example.com") != .new)
        world.clock.advance(seconds: 1)
        let second = try claim()
        #expect(second.password == first.password)
        #expect(try isBusy())
        try accounts.release(second)
        #expect(try claim().password == first.password)
    }

    @Test func `nobody else has the same password, and the database does not hold it`() throws {
        try accounts.add(upstream, from: .commandLine)
        let passwords = try [claim().password, claim("owner@example.com").password]
        #expect(passwords[0] != passwords[1])
        let content = try world.content().values.joined().joined()
        #expect(!content.contains(passwords[0]))
    }

    @Test func `whoever has another address since begins anew`() throws {
        try accounts.add(upstream, from: .commandLine)
        let first = try claim()
        try accounts.release(first)
        try world.database.write {
            try $0.rows("UPDATE user_account SET email = 'new@example.com' WHERE email = 'dora@example.com'")
        }
        let second = try claim("new@example.com")
        #expect(second.email.text == "new@example.com")
        #expect(second.password != first.password)
    }

    @Test func `an address that has an account there waits for somebody to confirm it`() throws {
        try accounts.add(upstream, from: .commandLine)
        try accounts.holdForConfirmation(claim())
        #expect(try state("dora@example.com") == .toBeConfirmed(since: world.clock.now))
        world.clock.advance(seconds: 10 * UpstreamClaim.lifetime)
        guard case .toBeConfirmed = try accounts.enterUpstream(user("dora@example.com"), from: .somewhere)
        else {
            Issue.record("it does not wait")
            return
        }
        try confirm("dora@example.com", 7)
        #expect(try state("dora@example.com") == .paired(7, .confirmed, since: world.clock.now))
        try accounts.separate(user("dora@example.com"), by: .commandLine, from: .commandLine)
        #expect(try state("dora@example.com") == .new)
        #expect(throws: Accounts.PairRefusal.notPaired) {
            try accounts.separate(user("dora@example.com"), by: .commandLine, from: .commandLine)
        }
        // What waits can be forgotten, too.
        try accounts.holdForConfirmation(claim())
        try accounts.separate(user("dora@example.com"), by: .commandLine, from: .commandLine)
        #expect(try state("dora@example.com") == .new)
    }

    @Test func `only an owner confirms, and only for one who is a member`() throws {
        try accounts.add(upstream, from: .commandLine)
        let dora = try accounts.requester(user("dora@example.com"))
        let owner = try accounts.requester(user("owner@example.com"))
        #expect(throws: Accounts.PairRefusal.notOwner) {
            try confirm("dora@example.com", 7, by: .requester(dora))
        }
        try confirm("dora@example.com", 7, by: .requester(owner))
        #expect(throws: Accounts.PairRefusal.notOwner) {
            try accounts.separate(user("dora@example.com"), by: .requester(dora), from: .somewhere)
        }
        #expect(throws: Accounts.PairRefusal.pairedWith(7)) { try confirm("dora@example.com", 8) }
        #expect(throws: Accounts.PairRefusal.taken(by: try EmailAddress(parsing: "dora@example.com"))) {
            try confirm("owner@example.com", 7)
        }
        try world.signUp("gone@example.com")
        try world.remove("gone@example.com")
        #expect(throws: Accounts.PairRefusal.notMember) { try confirm("gone@example.com", 9) }
        #expect(throws: Accounts.PairRefusal.notMember) { try claim("gone@example.com") }
        #expect(try state("gone@example.com") == nil)
    }

    @Test func `who is who is kept for a database, and for that one only`() throws {
        try accounts.add(upstream, from: .commandLine)
        try confirm("dora@example.com", 7)
        let claim = try claim("owner@example.com")
        _ = try accounts.removeUpstream(from: .commandLine)
        #expect(try world.count("upstream_claim") == 0)
        #expect(try state("dora@example.com") == .new)
        let other = UpstreamSite(
            address: upstream.address, source: Timestamp(microseconds: 6), organization: 1, serviceUser: 1)
        try accounts.add(other, from: .commandLine)
        #expect(try state("dora@example.com") == .new)
        // The password that was made for the one is not that for the other.
        #expect(try self.claim("owner@example.com").password != claim.password)
        try confirm("dora@example.com", 3)
        _ = try accounts.removeUpstream(from: .commandLine)
        try accounts.add(upstream, from: .commandLine)
        #expect(try accounts.upstreamUser(of: user("dora@example.com")) == 7)
    }

    @Test func `an account that is deleted is nobody there`() throws {
        try accounts.add(upstream, from: .commandLine)
        try confirm("dora@example.com", 7)
        try world.database.write { try $0.rows("DELETE FROM user_account WHERE email = 'dora@example.com'") }
        #expect(try world.count("upstream_pair") == 0)
        // Whoever registers with the address then is somebody else.
        try world.signUp("dora@example.com")
        #expect(try state("dora@example.com") == .new)
    }

    @Test func `every act is in the audit`() throws {
        try accounts.add(upstream, from: .commandLine)
        try accounts.settle(claim(), as: 7, from: .somewhere)
        try accounts.separate(user("dora@example.com"), by: .commandLine, from: .commandLine)
        _ = try accounts.removeUpstream(from: .commandLine)
        let rows = try world.database.read {
            try $0.rows(
                "SELECT action, subject_email, detail FROM audit_event WHERE action LIKE 'upstream%' ORDER BY id"
            )
        }
        let told = try rows.map { try [$0.text(0), $0.optionalText(1) ?? "", $0.text(2)] }
        #expect(
            told == [
                ["upstream-added", "", "http://127.0.0.1:8081"],
                ["upstream-paired", "dora@example.com", "provisioned 7"],
                ["upstream-unpaired", "dora@example.com", "7"],
                ["upstream-removed", "", "http://127.0.0.1:8081"],
            ])
    }
}

/// Those who came by an import are known in the database that they came from.
struct ImportedPairTests {
    /// What the sample's organization has as the instant in which it was made.
    private func upstream(_ sample: ForeignSample) throws -> UpstreamSite {
        let made = try #require(Timestamp(django: sample.read().organization.createdAt))
        return UpstreamSite(address: "unix:/s", source: made, organization: 1, serviceUser: 1)
    }

    private func pairs(_ world: World) throws -> [String: Int64] {
        var pairs: [String: Int64] = [:]
        for standing in try world.accounts.upstreamStandings() {
            if case .paired(let number, .imported, _) = standing.state { pairs[standing.email.text] = number }
        }
        return pairs
    }

    private func numbers(_ sample: ForeignSample) throws -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: try sample.read().people.map { ($0.email.lowercased(), $0.id) })
    }

    @Test func `whoever was imported is paired`() throws {
        let (world, sample) = (try World(), try ForeignSample())
        try world.takeOver(sample)
        try world.accounts.add(upstream(sample), from: .commandLine)
        let pairs = try pairs(world)
        #expect(pairs.count >= 3)
        let numbers = try numbers(sample)
        for (email, number) in pairs { #expect(numbers[email] == number, "\(email)") }
    }

    @Test func `whoever was here with the same address is not`() throws {
        let (world, sample) = (try World(), try ForeignSample())
        let member = try #require(try sample.read().people.first { $0.membership?.removedAt == nil })
        try world.signUp(member.email)
        try world.takeOver(sample)
        try world.accounts.add(upstream(sample), from: .commandLine)
        let pairs = try pairs(world)
        #expect(pairs.count >= 2)
        #expect(pairs[member.email.lowercased()] == nil)
    }

    @Test func `the seventh step pairs those who came before it`() throws {
        let (world, sample) = (try World(), try ForeignSample())
        try world.takeOver(sample)
        try world.accounts.add(upstream(sample), from: .commandLine)
        let before = try pairs(world)
        try world.database.write {
            try $0.runScript(
                """
                DROP TABLE upstream; DROP TABLE upstream_pair; DROP TABLE upstream_claim;
                DELETE FROM schema_migration WHERE number = 7
                """)
        }
        try world.reopened().add(upstream(sample), from: .commandLine)
        #expect(try pairs(world) == before)
        #expect(before.count >= 3)
    }
}

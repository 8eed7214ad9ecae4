import Accounts
import CannedServer
import Enrollment
import SQLite
import Secrets
import Testing
import Threads
import Upstream
import Web

@testable import LabelStudio

/// What the log is told of a Label Studio that is looked after.
@Suite(.timeLimit(.minutes(10)))
struct LabelingServerWatchTests {
    private let labelStudio = CannedLabelStudio()
    private let accounts: Accounts
    private let owner: User.ID
    private let session: NewSession
    private let events = Locked<[Event]>([])

    init() throws {
        accounts = try Accounts(
            database: SQLiteDatabase(), key: #require(MasterKey(Array(0..<32))),
            passwords: PasswordHasher(cost: PasswordHasher.Cost(memory: 8192, passes: 1)),
            rules: Accounts.Rules(isSignUpOpen: true, passwordMinimum: 8), randomness: .system,
            now: { Clock.now() }, observe: { _ in })
        let email = try EmailAddress(parsing: "owner@example.com")
        session = try accounts.signUp(
            email: email, password: Password(new: "correct horse", minimum: 8, knowing: []), token: nil,
            allowsNewsletters: nil, from: .commandLine)
        owner = try #require(try accounts.userID(email: email))
    }

    private func enroller(key: String = "the key of that Label Studio") throws -> Enroller {
        Enroller(
            accounts: accounts,
            server: LabelingServer(
                at: try #require(UpstreamAddress(parsing: labelStudio.address)),
                key: UpstreamKey(Array(key.utf8))))
    }

    private func round() -> LabelingServerRound {
        LabelingServerRound { [events] event in events.withLock { $0.append(event) } }
    }

    /// The names of the events since the last time.
    private func news() -> [String] {
        events.withLock { events in
            defer { events = [] }
            return events.map(\.name)
        }
    }

    private func expect(
        _ answers: Bool, _ round: inout LabelingServerRound, _ enroller: Enroller,
        at location: SourceLocation = #_sourceLocation
    ) {
        let found = round.ask(enroller)
        #expect(found == answers, sourceLocation: location)
    }

    private func rename(_ name: String) throws {
        let visitor = try accounts.standing(session: session.token, from: .commandLine).visitor
        try accounts.update(
            User.Profile(firstName: name, lastName: "", phone: "", allowsNewsletters: nil),
            of: #require(visitor).requester, from: .commandLine)
    }

    @Test func `what stays as it is is told once`() throws {
        let enroller = try enroller()
        #expect(try enroller.enter(owner, from: .commandLine) == .paired(1))
        var round = round()
        expect(true, &round, enroller)
        expect(true, &round, enroller)
        #expect(news() == ["labeling-server-answers", "labeling-server-sign-up-open"])

        labelStudio.change { $0.isUp = false }
        expect(false, &round, enroller)
        expect(false, &round, enroller)
        #expect(news() == ["labeling-server-down"])
        labelStudio.change {
            $0.isUp = true
            $0.isSignUpOpen = false
        }
        expect(true, &round, enroller)
        #expect(news() == ["labeling-server-answers"])

        labelStudio.change { $0.version = "1.24.0" }
        expect(true, &round, enroller)
        labelStudio.change { $0.key = Array("another key".utf8) }
        expect(false, &round, enroller)
        expect(false, &round, enroller)
        // As after a reload.
        try expect(true, &round, self.enroller(key: "another key"))
        labelStudio.change { $0.createdAt = "2026-06-06T06:06:06.000000Z" }
        try expect(false, &round, self.enroller(key: "another key"))
        #expect(
            news() == [
                "labeling-server-other-version", "labeling-server-wrong-key", "labeling-server-answers",
                "labeling-server-other-database",
            ])
    }

    @Test func `nothing secret is told, and always what to do`() throws {
        let enroller = try enroller()
        var round = round()
        labelStudio.change { $0.key = Array("another key".utf8) }
        _ = round.ask(enroller)
        let texts = events.withLock { $0.flatMap(\.fields).map(\.value) }
        #expect(!texts.isEmpty)
        #expect(texts.contains { $0.contains(".env") })
        #expect(!texts.contains { $0.contains("the key of that") || $0.contains("eyJ") })
    }

    @Test func `sign-up that is open before it is added is no news`() throws {
        let enroller = try enroller()
        var round = round()
        expect(true, &round, enroller)
        #expect(news() == ["labeling-server-answers"])
        #expect(try enroller.enter(owner, from: .commandLine) == .paired(1))
        expect(true, &round, enroller)
        #expect(news() == ["labeling-server-sign-up-open"])
    }

    @Test func `a name that is not taken there is put aside, and told once`() throws {
        let enroller = try enroller()
        #expect(try enroller.enter(owner, from: .commandLine) == .paired(1))
        labelStudio.change { $0.isSignUpOpen = false }
        var round = round()
        _ = round.ask(enroller)
        _ = news()
        try rename("Ada")
        labelStudio.change { $0.people[0].isActive = false }
        round.sendNames(enroller)
        round.sendNames(enroller)
        #expect(news() == ["labeling-server-name-not-sent"])
        labelStudio.change { $0.people[0].isActive = true }
        round.sendNames(enroller)
        #expect(labelStudio.people[0].firstName.isEmpty)
        try rename("Ada II")
        round.sendNames(enroller)
        #expect(labelStudio.people[0].firstName == "Ada II")
        #expect(news().isEmpty)
    }

    @Test func `the thread sends names and tells whether it answers`() throws {
        let enroller = try enroller()
        #expect(try enroller.enter(owner, from: .commandLine) == .paired(1))
        let answers = Locked<Bool?>(nil)
        let watch = LabelingServerWatch(
            pause: .milliseconds(20), server: { enroller },
            answers: { now in answers.withLock { $0 = now } }, log: { _ in })
        defer { watch.stop() }
        try rename("Ada")
        wait { labelStudio.people[0].firstName == "Ada" }
        #expect(answers.withLock { $0 } == true)
        labelStudio.change { $0.isUp = false }
        wait { answers.withLock { $0 } == false }
    }

    private func wait(_ condition: () -> Bool) {
        let end = ContinuousClock.now + .seconds(120)
        let never = Ending()
        while !condition(), ContinuousClock.now < end { _ = never.wait(.milliseconds(20)) }
        #expect(condition())
    }
}

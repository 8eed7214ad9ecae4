import Accounts
import Database
import Foundation
import SQLite
import Secrets
import Testing
import Threads

@testable import LabelStudio
@testable import Web

/// What becomes of WebSockets that are open when their people lose their access.
struct WebSocketTests {
    private let database: SQLiteDatabase
    private let accounts: Accounts
    private let sockets = OpenWebSockets()
    private let reloads = Locked(0)
    private let lines = Locked<[String]>([])

    private struct Refused: Error {}

    init() throws {
        database = try SQLiteDatabase()
        accounts = try Accounts(
            database: database, key: MasterKey(Array(0..<32))!,
            passwords: PasswordHasher(cost: PasswordHasher.Cost(memory: 8192, passes: 1)),
            rules: Accounts.Rules(isSignUpOpen: true, passwordMinimum: 8), randomness: .system,
            now: { Clock.now() }, observe: { _ in })
    }

    private func note(_ event: Event) {
        let fields = event.fields.map { " \($0.name)=\($0.value)" }.joined()
        lines.withLock { $0.append(event.name + fields) }
    }

    private func watch(failing: @escaping () -> Bool = { false }) -> WebSocketWatch {
        WebSocketWatch(sockets, log: note) {
            if failing() { throw Refused() }
            reloads.withLock { $0 += 1 }
        }
    }

    /// Somebody who has signed up and begun a WebSocket.
    private func member(_ name: String) throws -> User.ID {
        let client = Client(address: "192.0.2.1", userAgent: "")
        let session = try accounts.signUp(
            email: EmailAddress(parsing: "\(name)@example.com"),
            password: Password(new: "four unrelated words", minimum: 8, knowing: []), token: nil,
            allowsNewsletters: nil, from: client)
        let visitor = try #require(try accounts.standing(session: session.token, from: client).visitor)
        #expect(sockets.note(visitor.requester.access))
        return session.userID
    }

    private func end(_ user: User.ID) throws {
        try accounts.endSessions(of: user, by: .commandLine, from: .commandLine)
    }

    @Test func `nginx is reloaded once for all who have lost their access, and for nobody else`() throws {
        var watch = watch()
        let start = ContinuousClock.now
        watch.look(accounts, at: start)
        let ada = try member("ada")
        let grace = try member("grace")
        _ = try member("alan")
        watch.look(accounts, at: start)
        #expect(reloads.withLock { $0 } == 0)
        try end(ada)
        try accounts.deactivate(grace, by: .commandLine, from: .commandLine)
        watch.look(accounts, at: start)
        #expect(reloads.withLock { $0 } == 1)
        #expect(
            Set(lines.withLock { $0 }) == [
                "web-sockets-ended user=\(ada.number) reason=session-ended",
                "web-sockets-ended user=\(grace.number) reason=deactivated",
            ])
        // What is done is forgotten.
        watch.look(accounts, at: start + .seconds(3600))
        #expect(reloads.withLock { $0 } == 1)
        #expect(sockets.all.count == 1)
    }

    @Test func `the next reload waits for a while`() throws {
        var watch = watch()
        let start = ContinuousClock.now
        let (ada, grace) = try (member("ada"), member("grace"))
        try end(ada)
        watch.look(accounts, at: start)
        try end(grace)
        watch.look(accounts, at: start + .seconds(19))
        #expect(reloads.withLock { $0 } == 1)
        watch.look(accounts, at: start + .seconds(20))
        #expect(reloads.withLock { $0 } == 2)
    }

    @Test func `whoever ends his own sessions again and again does not keep nginx busy`() throws {
        var watch = watch()
        let start = ContinuousClock.now
        for second in stride(from: 0, to: 1_200, by: 3) {
            // A session is a moment's work.
            if second % 30 == 0 { try end(member("ada\(second)")) }
            watch.look(accounts, at: start + .seconds(second))
        }
        // After 0, 20, 40, 80, 160, 320 and 600 seconds more each.
        #expect((5...7).contains(reloads.withLock { $0 }))
        // Who is removed by others does not wait for that.
        let before = reloads.withLock { $0 }
        let bob = try member("bob")
        try accounts.remove(bob, by: .commandLine, from: .commandLine)
        watch.look(accounts, at: start + .seconds(1_225))
        #expect(reloads.withLock { $0 } == before + 1)
    }

    @Test func `a reload that fails is tried again`() throws {
        let fails = Locked(true)
        var watch = watch { fails.withLock { $0 } }
        let start = ContinuousClock.now
        try end(member("ada"))
        watch.look(accounts, at: start)
        #expect(lines.withLock { $0 } == ["web-sockets-not-ended error=Refused()"])
        fails.withLock { $0 = false }
        watch.look(accounts, at: start + .seconds(20))
        #expect(reloads.withLock { $0 } == 1)
        #expect(sockets.all.isEmpty)
    }

    @Test func `a database that does not answer is said once, and nothing is forgotten`() throws {
        var watch = watch()
        try end(member("ada"))
        try database.write { try $0.rows("ALTER TABLE session RENAME TO gone") }
        for _ in 0..<3 { watch.look(accounts) }
        #expect(lines.withLock { $0.count } == 1)
        #expect(lines.withLock { $0[0].hasPrefix("web-sockets-not-checked error=") })
        try database.write { try $0.rows("ALTER TABLE gone RENAME TO session") }
        watch.look(accounts)
        #expect(reloads.withLock { $0 } == 1)
    }

    @Test func `another nginx is asked by a file, and its silence is said once`() throws {
        let directory = try TemporaryDirectory()
        let request = ReloadRequest(in: directory.path, log: note)
        let names = { try Files.names(in: directory.path) }
        request.beginAnew()
        request.look(areOpen: false)
        #expect(try names() == [])
        try request.make()
        #expect(try names() == ["nginx-reload"])
        let instant = ContinuousClock.now
        request.look(areOpen: false, at: instant + .seconds(10))
        #expect(lines.withLock { $0 }.isEmpty)
        for _ in 0..<2 { request.look(areOpen: false, at: instant + .seconds(16)) }
        #expect(lines.withLock { $0.count } == 1)
        let line = lines.withLock { $0[0] }
        #expect(line.hasPrefix("nginx-not-reloaded file=\(directory.path)/nginx-reload"))
        // Taken in time.
        try request.make()
        try FileManager.default.removeItem(atPath: directory.path + "/nginx-reload")
        request.look(areOpen: false, at: instant + .seconds(60))
        #expect(lines.withLock { $0.count } == 1)
    }

    @Test func `after a restart the WebSockets of before end, for nobody knows whose they are`() throws {
        let directory = try TemporaryDirectory()
        let before = ReloadRequest(in: directory.path, log: note)
        before.look(areOpen: true)
        #expect(try Files.names(in: directory.path) == ["web-sockets"])
        let after = ReloadRequest(in: directory.path, log: note)
        after.beginAnew()
        #expect(try Files.names(in: directory.path) == ["nginx-reload"])
        #expect(lines.withLock { $0 } == ["web-sockets-ended reason=restart"])
        after.look(areOpen: true)
        #expect(try Files.names(in: directory.path) == ["nginx-reload", "web-sockets"])
    }
}

import Database
import Measuring
import Secrets
import Testing

@testable import Accounts

struct ImportedPasswordTests {
    private let world: World

    init() throws {
        world = try World()
        try world.signUp("own@example.com")
    }

    /// By Django's rules: `hashlib.pbkdf2_hmac("sha256", password, salt, iterations)`.
    private static let old = "pbkdf2_sha256$260000$OLDSALT12345$L0xJcXtY4s1Ah8Q1RzL8JyZagN4tJ4utHQjpuNP9Aok="
    private static let quick =
        "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$aqP9Xw+R0SkjL8Aruk9dKFekpud30JZmOHjy9lrqu0I="

    private func take(_ password: String) throws -> ImportReport {
        try world.takeOver(
            ForeignSample(changedBy: "UPDATE htx_user SET password = '\(password)' WHERE id = 2"))
    }

    private func storedHash() throws -> String {
        try #require(
            try world.database.read {
                try $0.row("SELECT password_hash FROM user_account WHERE email = 'alice@example.com'")
            }
        ).text(0)
    }

    @Test func `a hash of an older version is accepted`() throws {
        _ = try take(Self.old)
        _ = try world.logIn("alice@example.com", "Ångström pw 1")
        #expect(try storedHash().hasPrefix("$argon2id$"))
    }

    @Test func `outer spaces may be typed, and count from then on`() throws {
        _ = try take(Self.quick)
        _ = try world.logIn("alice@example.com", " \t quick one\u{1f}\u{a0}")
        #expect(throws: Accounts.LogInRefused.self) { try world.logIn("alice@example.com", "quick one") }
        _ = try world.logIn("alice@example.com", " \t quick one\u{1f}\u{a0}")
    }

    @Test(arguments: ["quick  one", "Quick one", "quick on", "", " ", "quick one\0"])
    func `any other password is refused`(password: String) throws {
        _ = try take(Self.quick)
        #expect(throws: Accounts.LogInRefused.self) { try world.logIn("alice@example.com", password) }
        #expect(try storedHash() == Self.quick)
    }

    @Test(arguments: ["", "!", "!aBcDeF"])
    func `without a password nobody logs in, and a link sets one`(password: String) throws {
        let report = try take(password)
        let alice = try #require(try world.member("alice@example.com")).user
        #expect(report.notes.contains(.noPassword(alice.email)))
        for claimed in ["", "!", password, "AlicePass-123"] {
            #expect(throws: Accounts.LogInRefused.self) { try world.logIn("alice@example.com", claimed) }
        }
        let link = try world.accounts.makeSetPasswordLink(for: alice.id, by: .commandLine, from: .commandLine)
        try world.accounts.setPassword(
            by: link, to: Password(new: "battery staple", minimum: 8, knowing: []), from: .somewhere)
        _ = try world.logIn("alice@example.com", "battery staple")
    }

    @Test(arguments: [
        "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdA$aGFzaA", "plain", "pbkdf2_sha256$0$salt$x",
        "pbkdf2_sha256$10000001$salt$dYbsH2KUqH9/kI5GrZ1AGQaR3PphAHswl4AWHgclW5k=",
        "pbkdf2_sha256$1000$salt$tooshort",
        "pbkdf2_sha256$1000$$dYbsH2KUqH9/kI5GrZ1AGQaR3PphAHswl4AWHgclW5k=",
        "pbkdf2_sha256$1000$salt$dYbsH2KUqH9-kI5GrZ1AGQaR3PphAHswl4AWHgclW5k=",
        "pbkdf2_sha1$1000$salt$dYbsH2KUqH9/kI5GrZ1AGQaR3PphAHswl4AWHgclW5k=",
        "$argon2id$v=19$m=8,t=1,p=1$a$b",
    ])
    func `a hash of another kind is named, and matches nothing`(hash: String) throws {
        let report = try take(hash)
        #expect(report.notes.contains(.unknownPassword(try EmailAddress(parsing: "alice@example.com"))))
        #expect(throws: Accounts.LogInRefused.self) { try world.logIn("alice@example.com", "AlicePass-123") }
        #expect(throws: Accounts.LogInRefused.self) { try world.logIn("alice@example.com", hash) }
        #expect(try storedHash() == "!")
    }

    @Test func `a weak password of before still opens`() throws {
        _ = try take("pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$zpMFDaHtYKDO0Q+eVq0pSQynNSacnrvAkjV5mMYJ84c=")
        _ = try world.logIn("alice@example.com", "x")
    }

    @Test func `the command line replaces an imported password, but not by itself`() throws {
        _ = try take(Self.quick)
        let alice = try EmailAddress(parsing: "alice@example.com")
        #expect(
            try world.accounts.resetPassword(of: alice, to: Password(claimed: "quick one")) == .sameAsCurrent)
        #expect(try world.accounts.resetPassword(of: alice, to: Password(claimed: "another")) == .changed)
        _ = try world.logIn("alice@example.com", "another")
    }

    /// What is spent on an answer must not tell whether an address has an
    /// account, nor who has logged in since the import.
    @Test func `as long as there are imported passwords, each refusal costs as much as one of them`() throws {
        func iterations() throws -> Int32 {
            try world.database.read { try world.accounts.importedIterations($0) }
        }
        #expect(try iterations() == 0)
        try world.takeOver(
            ForeignSample(changedBy: "UPDATE htx_user SET password = '\(Self.old)' WHERE id = 2"))
        #expect(try iterations() == 1_000_000)
        // Of this thread alone: other tests run at the same time.
        func time(_ email: String) -> Duration {
            let start = processorTime()
            _ = try? world.logIn(email, "wrong password")
            return processorTime() - start
        }
        // 1,000,000 iterations, 260,000, a hash of ours, and nobody.
        let times = ["admin", "alice", "own", "nobody"].map { time("\($0)@example.com") }
        let (least, most) = (times.min()!, times.max()!)
        #expect(least > .milliseconds(50), "\(times)")
        #expect(most < least * 2, "\(times)")

        for (email, password) in [
            ("admin@example.com", "AdminPass-123"), ("bob.builder@example.com", "bob-Pässwörd-9"),
        ] { _ = try world.logIn(email, password) }
        #expect(try iterations() == 260_000)
        _ = try world.logIn("alice@example.com", "Ångström pw 1")
        #expect(try iterations() == 0)
        #expect(time("nobody@example.com") < .milliseconds(50))
    }
}

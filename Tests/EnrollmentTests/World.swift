import Accounts
import CannedServer
import Database
import SQLite
import Secrets
import Testing
import Upstream

@testable import Enrollment

/// Accounts in memory, and a Label Studio that has no answers of its own.
struct World {
    let accounts: Accounts
    let labelStudio = CannedLabelStudio()

    static let password = "correct horse"
    static let key = MasterKey(Array(0..<32))!

    init() throws {
        accounts = try Accounts(
            database: SQLiteDatabase(), key: Self.key,
            passwords: PasswordHasher(cost: PasswordHasher.Cost(memory: 8192, passes: 1)),
            rules: Accounts.Rules(isSignUpOpen: true, passwordMinimum: 8), randomness: .system,
            now: { Timestamp(microseconds: 1_769_860_800_000_000) }, observe: { _ in })
        for email in ["owner@example.com", "dora@example.com", "emil@example.com"] { try signUp(email) }
    }

    func signUp(_ email: String) throws {
        _ = try accounts.signUp(
            email: EmailAddress(parsing: email),
            password: Password(new: Self.password, minimum: 8, knowing: []), token: nil,
            allowsNewsletters: nil, from: .somewhere)
    }

    func user(_ email: String) throws -> User.ID {
        try #require(try accounts.userID(email: EmailAddress(parsing: email)))
    }

    /// - Parameters:
    ///   - address: nil: that of the Label Studio.
    ///   - key: what is signed with.
    func enroller(
        at address: String? = nil, key: String = "the key of that Label Studio",
        patience: Duration = .seconds(60)
    ) throws -> Enroller {
        let address = try #require(UpstreamAddress(parsing: address ?? labelStudio.address))
        return Enroller(
            accounts: accounts,
            server: LabelingServer(
                at: address, key: UpstreamKey(Array(key.utf8)), randomness: .system, now: { 1_769_860_800 }),
            patience: patience)
    }

    func enter(_ email: String) throws -> Enroller.Outcome {
        try enroller().enter(user(email), from: .somewhere)
    }

    func pair(_ email: String, as other: String, _ password: String) throws -> Enroller.Pairing {
        try enroller().pair(
            user(email), email: EmailAddress(parsing: other), password: password, from: .somewhere)
    }

    func origin(_ email: String) throws -> PairOrigin? {
        guard case .paired(_, let origin, _) = try accounts.upstreamStanding(of: user(email))?.state else {
            return nil
        }
        return origin
    }
}

extension Client {
    static let somewhere = Client(address: "192.0.2.10", userAgent: "a browser")
}

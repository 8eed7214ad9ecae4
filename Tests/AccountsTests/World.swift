import Database
import SQLite
import Secrets
import Synchronization

@testable import Accounts

/// An instant that a test moves.
final class MovableClock: Sendable {
    private let microseconds: Atomic<Int64>

    init(_ start: Timestamp = Timestamp(microseconds: 1_700_000_000_000_000)) {
        microseconds = Atomic(start.microseconds)
    }

    var now: Timestamp {
        get { Timestamp(microseconds: microseconds.load(ordering: .sequentiallyConsistent)) }
    }

    func advance(microseconds: Int64) {
        self.microseconds.add(microseconds, ordering: .sequentiallyConsistent)
    }

    func advance(seconds: Int64) {
        advance(microseconds: seconds * 1_000_000)
    }
}

extension Randomness {
    /// 1, 2, 3… in all bytes: different each time, the same in each run.
    static func counting() -> Randomness {
        let counter = Counter()
        return Randomness { count in
            let number = counter.next()
            return (0..<count).map {
                UInt8(truncatingIfNeeded: number >> (8 * ($0 % 8))) ^ UInt8(truncatingIfNeeded: $0)
            }
        }
    }

    private final class Counter: Sendable {
        private let number = Atomic<UInt64>(0)

        func next() -> UInt64 {
            number.add(1, ordering: .sequentiallyConsistent).newValue
        }
    }
}

/// Accounts with everything that can be moved.
struct World {
    let database: any Database
    let clock = MovableClock()
    let accounts: Accounts

    static let key = MasterKey(Array(0..<32))!
    static let cheap = PasswordHasher.Cost(memory: 8192, passes: 1)

    init(isSignUpOpen: Bool = true, database: (any Database)? = nil, randomness: Randomness = .counting())
        throws
    {
        self.database = try database ?? SQLiteDatabase()
        accounts = try Self.open(
            self.database, isSignUpOpen: isSignUpOpen, clock: clock, randomness: randomness)
    }

    static func open(
        _ database: any Database, key: MasterKey = key, isSignUpOpen: Bool = true,
        cost: PasswordHasher.Cost = cheap,
        clock: MovableClock = MovableClock(), randomness: Randomness = .counting()
    ) throws -> Accounts {
        try Accounts(
            database: database, key: key, passwords: PasswordHasher(cost: cost),
            rules: Accounts.Rules(isSignUpOpen: isSignUpOpen, passwordMinimum: 8), randomness: randomness,
            now: { clock.now }, observe: { _ in })
    }

    /// The same database, opened again.
    func reopened(
        isSignUpOpen: Bool = true, key: MasterKey = key, cost: PasswordHasher.Cost = cheap
    ) throws -> Accounts {
        try Self.open(
            database, key: key, isSignUpOpen: isSignUpOpen, cost: cost, clock: clock, randomness: .system)
    }

    static let password = "correct horse"

    @discardableResult
    func signUp(_ email: String, token: String? = nil) throws -> NewSession {
        try accounts.signUp(
            email: EmailAddress(parsing: email),
            password: Password(new: Self.password, minimum: 8, knowing: []),
            token: token,
            allowsNewsletters: nil, from: .somewhere)
    }

    func logIn(_ email: String, _ password: String = password) throws -> NewSession {
        try accounts.logIn(
            email: email, password: Password(claimed: password), isPersistent: false, from: .somewhere)
    }

    func visitor(_ session: NewSession) throws -> Visitor? {
        try accounts.standing(session: session.token, from: .somewhere).visitor
    }

    func member(_ email: String) throws -> Member? {
        try accounts.member(email: EmailAddress(parsing: email))
    }

    /// The present invite token; there must be an organization.
    func invitation() throws -> String {
        accounts.invitationToken(of: try accounts.organization()!)
    }

    /// As the command line does it. Whoever is the only owner hands over first.
    func remove(_ email: String) throws {
        let user = try accounts.userID(email: EmailAddress(parsing: email))!
        do {
            try accounts.remove(user, by: .commandLine, from: .commandLine)
        } catch Accounts.MembershipRefusal.lastOwner {
            let heir = try EmailAddress(parsing: "heir@example.com")
            _ = try accounts.provision(email: heir, password: Password(claimed: "an heir"), token: nil)
            let id = try accounts.userID(email: heir)!
            try accounts.setRole(.owner, of: id, by: .commandLine, from: .commandLine)
            try accounts.remove(user, by: .commandLine, from: .commandLine)
        }
    }

    func count(_ table: String) throws -> Int64 {
        try database.read { try $0.row(Query(stringLiteral: "SELECT count(*) FROM \(table)"))!.integer(0) }
    }
}

extension Client {
    static let somewhere = Client(address: "192.0.2.10", userAgent: "a browser")
}

extension Accounts {
    func member(apiToken: String) throws -> Member? {
        try requester(apiToken: apiToken)?.member
    }

    /// As one who shows his API token.
    func requester(_ user: User.ID) throws -> Requester {
        try requester(apiToken: apiToken(of: user))!
    }
}

import Database
import SQLite
import Secrets
import Testing

@testable import Accounts

/// On a file: there reading and writing really go on at once.
struct RaceTests {
    private let directory: TemporaryDirectory
    private let world: World

    init() throws {
        directory = try TemporaryDirectory()
        world = try World(database: try makeFile(directory.path + "/a.sqlite3"), randomness: .system)
    }

    private enum Ending: Equatable {
        case joined, taken
        case failed(String)
    }

    private func signUp(_ email: String, token: String? = nil) -> Ending {
        do {
            try world.signUp(email, token: token)
            return .joined
        } catch is Accounts.EmailTaken {
            return .taken
        } catch {
            return .failed("\(error)")
        }
    }

    @Test(arguments: [true, false])
    func `fifty people signing up with one address make one account`(isFirst: Bool) throws {
        if !isFirst { try world.signUp("owner@example.com") }
        let endings = inThreads(50) { _ in signUp("same@example.com") }
        #expect(endings.count { $0 == .joined } == 1)
        #expect(endings.count { $0 == .taken } == 49)
        #expect(try world.count("user_account") == (isFirst ? 1 : 2))
        #expect(try world.count("member") == (isFirst ? 1 : 2))
        #expect(try world.count("api_token") == (isFirst ? 1 : 2))
        #expect(try world.count("organization") == 1)
    }

    @Test func `fifty first people make one organization with one owner`() throws {
        let endings = inThreads(50) { signUp("\($0)@example.com") }
        #expect(endings.allSatisfy { $0 == .joined })
        #expect(try world.count("organization") == 1)
        let owners = try world.database.read {
            try $0.row("SELECT count(*) FROM member WHERE role = 'owner'")?.integer(0)
        }
        #expect(owners == 1)
        #expect(try world.count("member") == 50)
    }

    @Test func `one setup token makes one first account`() throws {
        let locked = try world.reopened(isSignUpOpen: false)
        let token = try #require(try locked.makeSetupToken()).text
        let endings = inThreads(20) { number in
            do {
                _ = try locked.signUp(
                    email: EmailAddress(parsing: "\(number)@example.com"),
                    password: Password(new: "correct horse", minimum: 8, knowing: []), token: token,
                    allowsNewsletters: nil, from: .somewhere)
                return Ending.joined
            } catch is Admission.Refusal {
                return .taken
            } catch {
                return .failed("\(error)")
            }
        }
        #expect(endings.count { $0 == .joined } == 1)
        #expect(endings.count { $0 == .taken } == 19)
        #expect(try world.count("user_account") == 1)
    }

    /// Each thread learns the present link, joins with it, and the resets go on
    /// meanwhile: a join that begins after a reset has returned must fail.
    @Test func `nobody joins with a link after its reset has returned`() throws {
        try world.signUp("owner@example.com")
        let endings = inThreads(24) { number -> String in
            do {
                if number % 3 == 0 {
                    let old = try world.invitation()
                    try world.accounts.resetInvitation(by: .commandLine, from: .somewhere)
                    do {
                        try world.signUp("late\(number)@example.com", token: old)
                        return "joined after a reset"
                    } catch Admission.Refusal.invitationRefused {
                        return "refused"
                    }
                }
                let token = try world.invitation()
                do {
                    try world.signUp("\(number)@example.com", token: token)
                    return "joined"
                } catch Admission.Refusal.invitationRefused {
                    return "refused"
                }
            } catch {
                return "\(error)"
            }
        }
        #expect(Set(endings).isSubset(of: ["joined", "refused"]))
        #expect(endings.count { $0 == "refused" } >= 8)
        #expect(try world.count("member") == Int64(1 + endings.count { $0 == "joined" }))
    }

    @Test func `of many who join at once as many get in as the link has joins`() throws {
        let owner = try #require(try world.visitor(world.signUp("owner@example.com"))).requester
        try world.accounts.limitInvitation(
            InvitationLimits(until: nil, joinsLeft: 5),
            insteadOf: InvitationLimits(until: nil, joinsLeft: nil),
            by: owner, from: .somewhere)
        let token = try world.invitation()
        let endings = inThreads(20) { signUp("\($0)@example.com", token: token) }
        #expect(endings.count { $0 == .joined } == 5)
        #expect(endings.count { $0 == .failed("invitationUsedUp") } == 15)
        #expect(try world.count("member") == 6)
    }

    @Test func `of many changes of one password one wins`() throws {
        let visitor = try #require(try world.visitor(try world.signUp("a@example.com")))
        let changed = inThreads(16) { number in
            do {
                _ = try world.accounts.changePassword(
                    of: visitor, current: Password(claimed: World.password),
                    new: Password(new: "new password \(number)", minimum: 8, knowing: []), from: .somewhere)
                return number
            } catch {
                return -1
            }
        }
        let winners = changed.filter { $0 >= 0 }
        #expect(winners.count == 1)
        _ = try world.logIn("a@example.com", "new password \(try #require(winners.first))")
    }

    @Test func `two programs opening a new database at once both open it`() throws {
        let path = directory.path + "/new.sqlite3"
        _ = try makeFile(path)
        let faults = inThreads(6) { _ in
            do {
                _ = try World.open(try makeFile(path), randomness: .system)
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(faults.allSatisfy { $0 == "" }, "\(faults)")
    }
}

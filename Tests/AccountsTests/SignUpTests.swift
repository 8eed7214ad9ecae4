import Database
import Secrets
import Foundation
import Testing

@testable import Accounts

/// Which token a visitor shows.
enum Shown: CaseIterable {
    case none, empty, right, upperCase, cut, old, madeUp, setup, oldSetup
}

/// What he is told.
enum Outcome: Equatable {
    case first, open, invited
    case refused(Admission.Refusal)
}

struct SignUpTests {
    /// A world in this state, and the token to show.
    private func world(isOpen: Bool, hasOrganization: Bool, _ shown: Shown) throws -> (World, String?) {
        let world = try World(isSignUpOpen: isOpen)
        let oldSetup = try world.accounts.makeSetupToken()?.text
        let setup = try world.accounts.makeSetupToken()?.text
        if hasOrganization {
            _ = try world.accounts.provision(
                email: EmailAddress(parsing: "owner@example.com"),
                password: Password(new: "correct horse", minimum: 8, knowing: []),
                token: nil)
        }
        let token: String? =
            switch shown {
            case .none: nil
            case .empty: ""
            // Before there is an organization, the token of one elsewhere.
            case .right:
                hasOrganization ? try world.invitation() : "7c57825d868bfb6f927385df4984b9becf0cc648"
            case .upperCase: hasOrganization ? try world.invitation().uppercased() : setup?.uppercased()
            case .cut:
                hasOrganization
                    ? String(try world.invitation().dropLast()) : setup.map { String($0.dropLast()) }
            case .old: try old(in: world, hasOrganization)
            case .madeUp: "0123456789abcdef0123456789abcdef01234567"
            case .setup: setup
            case .oldSetup: oldSetup
            }
        return (world, token)
    }

    private func old(in world: World, _ hasOrganization: Bool) throws -> String {
        guard hasOrganization else { return "0000000000000000000000000000000000000000" }
        let token = try world.invitation()
        try world.accounts.resetInvitation(by: .commandLine, from: .somewhere)
        return token
    }

    private func outcome(_ body: () throws -> Admission) throws -> Outcome {
        do {
            switch try body() {
            case .first: return .first
            case .open: return .open
            case .invited: return .invited
            }
        } catch let refusal as Admission.Refusal {
            return .refused(refusal)
        }
    }

    @Test(
        arguments: [
            (true, false, .none, .first), (true, false, .empty, .first),
            (true, false, .right, .refused(.invitationRefused)),
            (true, false, .old, .refused(.invitationRefused)),
            (true, false, .upperCase, .refused(.invitationRefused)),
            (true, false, .cut, .refused(.invitationRefused)),
            (true, false, .madeUp, .refused(.invitationRefused)), (true, false, .setup, .first),
            (true, false, .oldSetup, .refused(.invitationRefused)),

            (false, false, .none, .refused(.setupNeeded)), (false, false, .empty, .refused(.setupNeeded)),
            (false, false, .right, .refused(.setupNeeded)), (false, false, .old, .refused(.setupNeeded)),
            (false, false, .upperCase, .refused(.setupNeeded)), (false, false, .cut, .refused(.setupNeeded)),
            (false, false, .madeUp, .refused(.setupNeeded)), (false, false, .setup, .first),
            (false, false, .oldSetup, .refused(.setupNeeded)),

            (true, true, .none, .open), (true, true, .empty, .open), (true, true, .right, .invited),
            (true, true, .upperCase, .refused(.invitationRefused)),
            (true, true, .cut, .refused(.invitationRefused)),
            (true, true, .old, .refused(.invitationRefused)),
            (true, true, .madeUp, .refused(.invitationRefused)),
            (true, true, .setup, .refused(.setupDone)), (true, true, .oldSetup, .refused(.invitationRefused)),

            (false, true, .none, .refused(.invitationNeeded)),
            (false, true, .empty, .refused(.invitationNeeded)),
            (false, true, .right, .invited), (false, true, .upperCase, .refused(.invitationRefused)),
            (false, true, .cut, .refused(.invitationRefused)),
            (false, true, .old, .refused(.invitationRefused)),
            (false, true, .madeUp, .refused(.invitationRefused)), (false, true, .setup, .refused(.setupDone)),
            (false, true, .oldSetup, .refused(.invitationRefused)),
        ] as [(Bool, Bool, Shown, Outcome)])
    func `who may sign up depends on the lock, the organization and the token`(
        isOpen: Bool, hasOrganization: Bool, shown: Shown, expected: Outcome
    ) throws {
        let (world, token) = try world(isOpen: isOpen, hasOrganization: hasOrganization, shown)
        #expect(try outcome { try world.accounts.admission(token: token) } == expected)

        // The act itself decides the same, and a refused one leaves nothing.
        let before = try world.count("user_account")
        do {
            let session = try world.signUp("new@example.com", token: token)
            let member = try #require(try world.visitor(session)).member
            switch expected {
            case .first: #expect(member.role == .owner)
            case .open, .invited: #expect(member.role == .member)
            case .refused: Issue.record("it was refused before")
            }
            #expect(try world.count("user_account") == before + 1)
            #expect(try world.count("organization") == 1)
        } catch let refusal as Admission.Refusal {
            #expect(expected == .refused(refusal))
            #expect(try world.count("user_account") == before)
            #expect(try world.member("new@example.com") == nil)
        }
    }

    @Test func `the first account creates the organization and owns it, later ones join`() throws {
        let world = try World()
        #expect(try world.accounts.organization() == nil)
        let first = try world.signUp("first@example.com")
        let second = try world.signUp("second@example.com")
        let owner = try #require(try world.visitor(first)).member
        let member = try #require(try world.visitor(second)).member
        #expect(owner.role == .owner)
        #expect(member.role == .member)
        #expect(owner.organization.id == 1)
        #expect(owner.organization.title == "Label Studio")
        #expect(member.organization.id == 1)
        #expect(owner.organization.sessionPolicy == SessionPolicy(maximumAge: 11_520, maximumIdleTime: 4_320))
        #expect(try world.accounts.owner(of: owner.organization)?.text == "first@example.com")
        #expect(try world.accounts.memberCount(of: owner.organization) == 2)
    }

    @Test func `a new account has what the product we follow gives it`() throws {
        let world = try World()
        let session = try world.accounts.signUp(
            email: EmailAddress(parsing: "  Ada.Byron@Example.COM "),
            password: Password(new: "correct horse", minimum: 8, knowing: []), token: nil,
            allowsNewsletters: false,
            from: .somewhere)
        #expect(session.isPersistent)
        let user = try #require(try world.visitor(session)).member.user
        #expect(user.id.number == 1)
        #expect(user.email.text == "ada.byron@example.com")
        #expect(user.username == "ada.byron")
        #expect(user.profile == .init(firstName: "", lastName: "", phone: "", allowsNewsletters: false))
        #expect(user.displayName == "ada.byron@example.com")
        #expect(user.initials == "ad")
        #expect(user.passwordProvisionedAt == nil)
        #expect(user.createdAt == world.clock.now)
        #expect(user.lastActiveAt == world.clock.now)
        let token = try world.accounts.apiToken(of: user.id)
        #expect(token.utf8.count == 40)
        #expect(token.allSatisfy { $0.isHexDigit && !$0.isUppercase })
    }

    @Test(arguments: ["taken@example.com", " TAKEN@EXAMPLE.com\n"])
    func `an address that has an account is taken, however it is written`(email: String) throws {
        let world = try World()
        try world.signUp("taken@example.com")
        #expect(throws: Accounts.EmailTaken.self) { try world.signUp(email) }
        #expect(try world.count("user_account") == 1)
        #expect(try world.count("session") == 1)
    }

    @Test func `a removed person cannot sign up again with the same address`() throws {
        let world = try World()
        try world.signUp("owner@example.com")
        try world.signUp("gone@example.com")
        try world.remove("gone@example.com")
        #expect(throws: Accounts.EmailTaken.self) { try world.signUp("gone@example.com") }
        #expect(throws: Accounts.EmailTaken.self) {
            try world.signUp("gone@example.com", token: world.invitation())
        }
    }

    @Test func `a taken address is told to people with a link only, when sign-up is closed`() throws {
        let world = try World()
        try world.signUp("taken@example.com")
        let closed = try world.reopened(isSignUpOpen: false)
        let email = try EmailAddress(parsing: "taken@example.com")
        let password = try Password(new: "correct horse", minimum: 8, knowing: [])
        #expect(throws: Admission.Refusal.invitationNeeded) {
            try closed.signUp(
                email: email, password: password, token: nil, allowsNewsletters: nil, from: .somewhere)
        }
        #expect(throws: Accounts.EmailTaken.self) {
            try closed.signUp(
                email: email, password: password, token: world.invitation(), allowsNewsletters: nil,
                from: .somewhere)
        }
    }

    @Test func `no password and no token of a session or link is stored as it is`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a.sqlite3"
        let world = try World(database: try makeFile(path), randomness: .system)
        let setup = try #require(try world.accounts.makeSetupToken()).text
        let session = try world.signUp("a@example.com", token: setup)
        let token = try world.accounts.apiToken(of: session.userID)
        let invitation = try world.invitation()
        let stored = try content(path) + content(path + "-wal")
        #expect(stored.contains(Array("a@example.com".utf8)))
        for secret in [World.password, setup, session.token.text, token, invitation] {
            #expect(!stored.contains(Array(secret.utf8)))
        }
        #expect(!stored.contains(try #require(Encoding.decodeBase64URL(session.token.text))))
    }
}

private func content(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path))
}

extension Data {
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        range(of: Data(part)) != nil
    }
}

import Database
import Secrets
import Testing

@testable import Accounts

struct APITokenTests {
    private let world: World
    private let one: User.ID
    private let other: User.ID

    init() throws {
        world = try World()
        one = try world.signUp("one@example.com").userID
        other = try world.signUp("other@example.com").userID
    }

    @Test(arguments: ["abcde", String(repeating: "x", count: 60), "!~\"'<>&", "a=b/c"])
    func `a token of 5 to 60 visible characters is accepted`(text: String) throws {
        #expect(try APIToken(parsing: text).text == text)
    }

    @Test(
        arguments: [
            ("", .tooShort), ("abcd", .tooShort), (String(repeating: "x", count: 61), .tooLong),
            ("abc de", .unusableCharacter), ("abcde\n", .unusableCharacter), ("abcdé", .unusableCharacter),
            ("abcd\u{7f}", .unusableCharacter), ("abcde\0", .unusableCharacter),
        ] as [(String, APIToken.Problem)])
    func `any other token is refused with the reason`(text: String, problem: APIToken.Problem) {
        #expect(throws: problem) { try APIToken(parsing: text) }
    }

    @Test func `a token finds its owner and nobody else`() throws {
        let token = try world.accounts.apiToken(of: one)
        #expect(try world.accounts.member(apiToken: token)?.user.id == one)
        #expect(try world.accounts.apiToken(of: one) == token)
        #expect(try world.accounts.member(apiToken: world.accounts.apiToken(of: other))?.user.id == other)
        for wrong in ["", "x", token.uppercased(), token + " ", String(token.dropLast()), "' OR 1=1 --"] {
            #expect(try world.accounts.member(apiToken: wrong) == nil)
        }
    }

    @Test func `after a reset the old token is refused and the new one works`() throws {
        let old = try world.accounts.apiToken(of: one)
        let others = try world.accounts.apiToken(of: other)
        let new = try world.accounts.resetAPIToken(of: world.accounts.requester(one), from: .somewhere)
        #expect(new != old)
        #expect(new.utf8.count == 40)
        #expect(try world.accounts.apiToken(of: one) == new)
        #expect(try world.accounts.member(apiToken: old) == nil)
        #expect(try world.accounts.member(apiToken: new)?.user.id == one)
        #expect(try world.accounts.apiToken(of: other) == others)
    }

    @Test func `a token that somebody has is taken, and nothing is changed`() throws {
        let token = try APIToken(parsing: try world.accounts.apiToken(of: one))
        let own = try world.accounts.apiToken(of: other)
        #expect(throws: Accounts.TokenTaken.self) {
            try world.database.write { try world.accounts.storeAPIToken(token, of: other, connection: $0) }
        }
        #expect(try world.accounts.apiToken(of: other) == own)
        // One's own may be set again.
        try world.database.write { try world.accounts.storeAPIToken(token, of: one, connection: $0) }
        #expect(try world.accounts.apiToken(of: one) == token.text)
    }

    @Test func `the encrypted token of another user does not open`() throws {
        try world.database.write { connection in
            try connection.rows(
                "UPDATE api_token SET box = (SELECT box FROM api_token WHERE user_id = \(one)) WHERE user_id = \(other)"
            )
        }
        let error = #expect(throws: DatabaseError.self) { try world.accounts.apiToken(of: other) }
        #expect(error?.reason == .corrupt)
        _ = try world.accounts.apiToken(of: one)
    }

    @Test func `a token still opens after a restart`() throws {
        let token = try world.accounts.apiToken(of: one)
        let again = try world.reopened()
        #expect(try again.apiToken(of: one) == token)
        #expect(try again.member(apiToken: token)?.user.id == one)
    }

    @Test func `the token of a removed member is refused`() throws {
        let token = try world.accounts.apiToken(of: one)
        try world.remove("one@example.com")
        #expect(try world.accounts.member(apiToken: token) == nil)
    }

    @Test func `a short token works like any other`() throws {
        try world.database.write {
            try world.accounts.storeAPIToken(APIToken(parsing: "abcde"), of: one, connection: $0)
        }
        #expect(try world.accounts.member(apiToken: "abcde")?.user.id == one)
        #expect(try world.accounts.apiToken(of: one) == "abcde")
    }
}

struct ProvisioningTests {
    private let world: World
    private let email: EmailAddress
    private let password: Password

    init() throws {
        world = try World(isSignUpOpen: false)
        email = try EmailAddress(parsing: "admin@example.com")
        password = try Password(new: World.password, minimum: 8, knowing: [])
    }

    @Test func `the first one creates the organization and owns it, with the token given`() throws {
        #expect(
            try world.accounts.provision(email: email, password: password, token: APIToken(parsing: "abcde"))
                == .created)
        let member = try #require(try world.member("admin@example.com"))
        #expect(member.role == .owner)
        #expect(member.user.passwordProvisionedAt == world.clock.now)
        #expect(member.user.profile.allowsNewsletters == nil)
        #expect(try world.accounts.apiToken(of: member.user.id) == "abcde")
        _ = try world.logIn("admin@example.com")
    }

    @Test func `a later one joins, and has a token of its own if none is given`() throws {
        let open = try world.reopened()
        _ = try open.signUp(
            email: EmailAddress(parsing: "a@example.com"), password: password, token: nil,
            allowsNewsletters: nil, from: .somewhere)
        #expect(try world.accounts.provision(email: email, password: password, token: nil) == .created)
        let member = try #require(try world.member("admin@example.com"))
        #expect(member.role == .member)
        #expect(try world.accounts.apiToken(of: member.user.id).utf8.count == 40)
    }

    @Test func `one that is there is kept as it is, whatever has changed`() throws {
        _ = try world.accounts.provision(email: email, password: password, token: APIToken(parsing: "abcde"))
        let session = try world.logIn("admin@example.com")
        let visitor = try #require(try world.visitor(session))
        _ = try world.accounts.changePassword(
            of: visitor, current: password, new: Password(new: "my own choice", minimum: 8, knowing: []),
            from: .somewhere)
        let token = try world.accounts.resetAPIToken(
            of: world.accounts.requester(visitor.member.user.id), from: .somewhere)
        for _ in 0..<3 {
            #expect(
                try world.accounts.provision(
                    email: email, password: password, token: APIToken(parsing: "abcde")) == .kept)
        }
        _ = try world.logIn("admin@example.com", "my own choice")
        #expect(throws: Accounts.LogInRefused.self) { try world.logIn("admin@example.com") }
        #expect(try world.accounts.apiToken(of: visitor.member.user.id) == token)
        #expect(try world.member("admin@example.com")?.user.passwordProvisionedAt == nil)
        #expect(try world.count("user_account") == 1)
    }

    @Test func `one that was removed stays removed`() throws {
        _ = try world.accounts.provision(email: email, password: password, token: nil)
        try world.remove("admin@example.com")
        #expect(try world.accounts.provision(email: email, password: password, token: nil) == .keptRemoved)
        #expect(try world.member("admin@example.com") == nil)
    }

    @Test func `with the token of somebody else nothing is made`() throws {
        _ = try world.accounts.provision(email: email, password: password, token: APIToken(parsing: "abcde"))
        #expect(throws: Accounts.TokenTaken.self) {
            try world.accounts.provision(
                email: EmailAddress(parsing: "b@example.com"), password: password,
                token: APIToken(parsing: "abcde"))
        }
        #expect(try world.count("user_account") == 1)
        #expect(try world.count("member") == 1)
    }

    @Test func `one that another process makes meanwhile is kept`() throws {
        let interposed = Interposed(world.database) { [world, email] in
            _ = try world.accounts.provision(
                email: email, password: Password(new: "of the other", minimum: 8, knowing: []), token: nil)
        }
        let accounts = try World.open(
            interposed, isSignUpOpen: false, clock: world.clock, randomness: .system)
        interposed.arm()
        #expect(try accounts.provision(email: email, password: password, token: nil) == .kept)
        _ = try world.logIn("admin@example.com", "of the other")
    }
}

import Accounts
import Database
import HTTP

extension Subject {
    static let signUp = [
        Subject("sign-up-first", "The first account creates the organization and owns it.") { transcript in
            let world = try transcript.world()
            let ada = Browser(world, transcript)
            ada.get("/", "An empty server leads to the sign-up page")
            ada.get("/user/signup/", "The sign-up page of an empty server")
            ada.get("/user/login/", "The log-in page of an empty server")
            ada.post(
                "/user/signup/", ["email": " Ada@Example.org ", "password": Person.password],
                "The first account")
            ada.get("/?welcome=yes", "She is told what to do next")
            ada.get("/", "She is logged in")
            ada.get("/organization/", "She owns the organization")
        },
        Subject("sign-up-open", "While sign-up is open, anybody may join.") { transcript in
            let world = try transcript.world()
            _ = Browser.member("ada@example.org", in: world)
            let bob = Browser(world, transcript)
            bob.get("/user/signup?next=%2Fprojects%2Fnew", "The page, without a slash and with a destination")
            bob.post(
                "/user/signup?next=%2Fprojects%2Fnew",
                [
                    "email": "bob@example.org", "password": Person.password, "how_find_us": "Other",
                    "elaborate": "A friend", "allow_newsletters": "true",
                ], "He joins; what the form of old had beyond ours is ignored")
            bob.get("/user/signup/?next=%2Fprojects%2Fnew", "The page leads on who is logged in")
            bob.post(
                "/user/signup/?next=%2Fprojects%2Fnew",
                ["email": "carol@example.org", "password": Person.password],
                "A form sent while logged in makes no account")
            let eve = Browser(world, transcript)
            eve.get("/user/signup/?token=", "An empty token is no token")
        },
        Subject("sign-up-invited", "Through the invite link.") { transcript in
            let world = try transcript.world(isSignUpOpen: false)
            let link = try invitation(world)
            let bob = Browser(world, transcript)
            bob.get("/user/signup/?token=\(link)", "The page of the link, under lockdown")
            bob.get("/user/login/?token=\(link)", "The log-in page keeps the link")
            bob.get("/user/signup/?token=\(link)&next=%2Forganization%2F", "With a destination")
            bob.post(
                "/user/signup/?token=\(link)&next=%2Forganization%2F",
                ["email": "bob@example.org", "password": "short"], "A refused form keeps the link")
            bob.post(
                "/user/signup/?token=\(link)&next=%2Forganization%2F",
                ["email": "bob@example.org", "password": Person.password], "He joins")
            bob.get("/user/signup/?token=\(link)", "A member who opens the link is told so")
            bob.get("/user/signup/?token=made-up", "Whatever link it is")
            bob.post(
                "/user/signup/?token=\(link)",
                ["email": "carol@example.org", "password": Person.password],
                "A form sent while logged in makes no account")
            let carol = Browser(world, transcript)
            carol.post(
                "/user/signup/?token=\(link)", ["email": "carol@example.org", "password": Person.password],
                "The link is good for any number of people")
            carol.get("/?welcome=yes", "She is welcomed")
        },
        Subject("sign-up-refused", "Who may not sign up.") { transcript in
            try refusedWhileOpen(transcript)
            try refusedUnderLockdown(transcript)
            try refusedOnAnEmptyServer(transcript)
        },
        Subject("sign-up-errors", "Forms that have to be filled in differently.") { transcript in
            let world = try transcript.world()
            let ada = Browser(world, transcript)
            ada.get("/user/signup/?next=%2Fpeople", "The page")
            ada.post("/user/signup/?next=%2Fpeople", ["email": "", "password": ""], "Nothing entered")
            ada.post(
                "/user/signup/", ["email": "ada@b", "password": "1234567"],
                "No address, and 7 characters")
            ada.post(
                "/user/signup/",
                ["email": "\(String(repeating: "a", count: 243))@example.org", "password": Person.password],
                "An address of 255 characters")
            ada.post(
                "/user/signup/",
                ["email": "ada@example.org", "password": String(repeating: "é", count: 513)],
                "A password of 1026 bytes")
            ada.post(
                "/user/signup/", ["email": "ada@example.org", "password": "violet\u{0}kettle"],
                "A password with a NUL")
            for weak in [
                "password1", "iloveyou", "ada@example.org", "aaaaaaaaaa", "abcdefghijkl", "qwertyuiop[]",
                "1985-12-31",
            ] {
                ada.post(
                    "/user/signup/", ["email": "ada@example.org", "password": weak], "Easily guessed: \(weak)"
                )
            }
            ada.post(
                "/user/signup/", ["email": "\"><b>@example.org", "password": Person.password],
                "What was typed comes back escaped")
            ada.send(.post, "/user/signup/", "Another type than that of a form") { request in
                request.header.contentType = "application/json"
                request.header.origin = ada.origin
                request.body = .complete(Array(#"{"email":"ada@example.org"}"#.utf8))
            }
            _ = Browser.member("ada@example.org", in: world)
            ada.post(
                "/user/signup/", ["email": "ADA@example.org", "password": Person.password],
                "An address that has an account")
        },
    ]

    private static func refusedWhileOpen(_ transcript: Transcript) throws {
        let world = try transcript.world()
        let stranger = Browser(world, transcript)
        stranger.get("/user/signup/?token=made-up", "A link to an organization that does not exist yet")
        stranger.post(
            "/user/signup/?token=made-up", ["email": "eve@example.org", "password": Person.password],
            "Nor does it register anybody")
        let old = try invitation(world)
        let bob = Browser(world, transcript)
        bob.get("/user/signup/?token=\(old)", "A form is opened with a good link")
        try world.accounts.resetInvitation(by: .commandLine, from: .commandLine)
        bob.post(
            "/user/signup/?token=\(old)", ["email": "bob@example.org", "password": Person.password],
            "The link was reset before it is sent")
        bob.get("/user/signup/?token=\(old)", "The old link")
        bob.post(
            "/user/signup/?token=\(old)", ["email": "", "password": ""],
            "The link decides before the form is read")
        let new = try invitation(world)
        bob.get("/user/signup/?token=\(new.uppercased())", "The letters of a link have a case")
    }

    private static func refusedUnderLockdown(_ transcript: Transcript) throws {
        let world = try transcript.world(isSignUpOpen: false)
        _ = try invitation(world)
        let bob = Browser(world, transcript)
        bob.get("/user/signup/", "Lockdown: without a link")
        bob.get("/user/signup/?token=", "Lockdown: with an empty one")
        bob.post(
            "/user/signup/", ["email": "bob@example.org", "password": Person.password],
            "Lockdown: the form, all the same")
        bob.get("/user/signup/?token=made-up", "Lockdown: a made-up link")
        bob.get("/user/login/", "Lockdown: the log-in page does not lead to sign-up")
    }

    private static func refusedOnAnEmptyServer(_ transcript: Transcript) throws {
        let world = try transcript.world(isSignUpOpen: false)
        let stranger = Browser(world, transcript)
        stranger.get("/", "Lockdown without any account")
        stranger.get("/user/signup/", "What the operator does then")
        stranger.get("/user/signup/?token=made-up", "A made-up link opens nothing")
        stranger.post(
            "/user/signup/", ["email": "eve@example.org", "password": Person.password],
            "Nor does the form")
        let setup = try world.accounts.makeSetupToken()!.text
        let ada = Browser(world, transcript)
        ada.get("/user/signup/?token=\(setup)", "The one-time link of the operator")
        ada.post(
            "/user/signup/?token=\(setup)", ["email": "ada@example.org", "password": Person.password],
            "It makes the first account")
        Browser(world, transcript).get("/user/signup/?token=\(setup)", "It works once")
    }

    /// The invite token of an organization that Ada owns.
    static func invitation(_ world: World) throws -> String {
        if try world.accounts.organization() == nil {
            let setup = world.accounts.rules.isSignUpOpen ? nil : try world.accounts.makeSetupToken()?.text
            _ = Browser.member("ada@example.org", in: world, token: setup)
        }
        return world.accounts.invitationToken(of: try world.accounts.organization()!)
    }
}

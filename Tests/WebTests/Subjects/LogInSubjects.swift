import HTTP

@testable import Web

extension Subject {
    static let logIn = [
        Subject("log-in", "Logging in, and how long it lasts.") { transcript in
            let world = try transcript.world()
            _ = Browser.member("ada@example.org", in: world)
            let ada = Browser(world, transcript)
            ada.get("/user/login", "The page, without a slash")
            ada.post(
                "/user/login/",
                ["email": " ADA@example.org ", "password": Person.password, "persist_session": "true"],
                "Kept logged in; the case of the address does not matter")
            world.pass(minutes: 3 * 24 * 60 - 1)
            ada.get("/logout", "A minute before three days without a request")
            world.pass(minutes: 3 * 24 * 60)
            ada.get("/projects/", "Three days later the session has ended, whatever the cookie says")

            let other = Browser(world, transcript)
            other.get("/user/login/?next=%2Fpeople", "The page with a destination")
            other.post(
                "/user/login/?next=%2Fpeople",
                ["email": "ada@example.org", "password": Person.password],
                "Not kept logged in, and to a destination")
            for _ in 0..<5 {
                world.pass(minutes: 2 * 24 * 60 - 1)
                if other.get("/health").status == .ok { continue }
            }
            other.get("/logout", "Eight days after log-in the session has ended, however busy it was")
            for value in ["false", "False", "0", "on"] {
                let client = Browser(world, transcript)
                client.post(
                    "/user/login/",
                    ["email": "ada@example.org", "password": Person.password, "persist_session": value],
                    "persist_session=\(value)")
            }
            for session in other.cookies where session.name == "sessionid" {
                let fixed = Browser(world, transcript)
                fixed.cookies = [session]
                fixed.post(
                    "/user/login/", ["email": "ada@example.org", "password": Person.password],
                    "A session that the client brings along is not taken over")
            }
        },
        Subject("log-in-refused", "Logging in, refused.") { transcript in
            let world = try transcript.world()
            _ = Browser.member("ada@example.org", in: world)
            _ = Browser.member("bob@example.org", in: world)
            try world.remove("bob@example.org")
            let eve = Browser(world, transcript)
            eve.get("/user/login/?next=%2Fpeople&token=made-up", "The page")
            eve.post(
                "/user/login/?next=%2Fpeople&token=made-up",
                ["email": "ada@example.org", "password": "wrong one 1", "persist_session": "true"],
                "A wrong password")
            eve.post(
                "/user/login/", ["email": "nobody@example.org", "password": "wrong one 1"],
                "An unknown address gets the same answer")
            eve.post("/user/login/", ["email": "", "password": ""], "Nothing entered")
            eve.post(
                "/user/login/", ["email": "\"><b>", "password": Person.password], "What is no address")
            eve.post(
                "/user/login/", ["email": "ada@example.org", "password": " \(Person.password) "],
                "A password is taken as it was typed")
            eve.post(
                "/user/login/",
                ["email": "ada@example.org", "password": String(repeating: "x", count: 1025)],
                "A password that nobody can have")
            eve.post(
                "/user/login/", ["email": "bob@example.org", "password": "wrong one 1"],
                "A removed member with a wrong password")
            eve.post(
                "/user/login/", ["email": "bob@example.org", "password": Person.password],
                "A removed member with the right one")
        },
        Subject("log-in-signed-in", "The log-in page of somebody who is logged in.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            ada.get("/user/login/", "It leads home")
            ada.get("/user/login/?next=%2Fpeople", "Or where he wanted to go")
            ada.post(
                "/user/login/?next=%2Fpeople", ["email": "bob@example.org", "password": "wrong one 1"],
                "A form changes nothing")
        },
        Subject("log-out", "Logging out.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            ada.get("/logout", "The address of old asks")
            let thief = ada.copy()
            ada.post("/logout/", [:], "The button logs out")
            ada.get("/logout", "Who is logged out already")
            ada.post("/logout", [:], "A second press")
            thief.get("/projects/", "A copied cookie is worth nothing")
        },
        Subject("next", "Where a visitor goes after logging in.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            for (caption, next) in ownDestinations + foreignDestinations {
                ada.get("/user/login/?next=\(PercentCoding.encode(next))", caption)
            }
            let inside = try transcript.world(address: "http://labels.example:8080/labels")
            let bob = Browser.member("bob@example.org", in: inside, transcript)
            for next in [
                "/labels", "/labels/people", "/labels?done=saved", "/people", "/labelsevil", "/",
                "http://labels.example:8080/labels/people", "http://labels.example:8080/people",
            ] {
                bob.get("/labels/user/login/?next=\(PercentCoding.encode(next))", "At a sub-path: \(next)")
            }
        },
    ]

    static let ownDestinations = [
        ("A path of ours", "/projects/7/edit"),
        ("With a query", "/organization/?after=7"),
        ("An absolute address of ours", "http://labels.example:8080/people"),
        ("The same in capitals", "HTTP://Labels.Example:8080/people"),
        ("Letters beyond ASCII", "/projects/é"),
    ]

    static let foreignDestinations = [
        ("Two slashes", "//evil.example"),
        ("A slash and a backslash", "/\\evil.example"),
        ("Two slashes behind our own address", "http://labels.example:8080//evil.example"),
        ("Another site", "http://evil.example/"),
        ("Another site that begins like ours", "http://labels.example:8080.evil.example/"),
        ("Ours as the name of a user", "http://labels.example:8080@evil.example/"),
        ("Another scheme", "https://labels.example:8080/people"),
        ("A script", "javascript:alert(1)"),
        ("A scheme without slashes", "http:evil.example"),
        ("A tab, which browsers skip", "\t//evil.example"),
        ("A tab in between", "/\t/evil.example"),
        ("A space", " //evil.example"),
        ("A line break", "/people\r\nSet-Cookie: sessionid=x"),
        ("A bare word", "projects"),
        ("A bare path", "projects/7"),
        ("Nothing", ""),
    ]
}

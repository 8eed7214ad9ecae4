import Accounts
import HTTP

extension Subject {
    static let account = [
        Subject("account", "One's own account.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            ada.get("/user/account/", "The page")
            ada.post(
                "/user/account/",
                ["allow_newsletters": "", "first_name": "Ada", "last_name": "Lovelace", "phone": "+44 1"],
                "Names and phone")
            ada.get("/user/account/?done=saved", "They are kept")
            ada.post(
                "/user/account/",
                [
                    "first_name": String(repeating: "f", count: 257),
                    "last_name": String(repeating: "l", count: 257),
                    "phone": String(repeating: "1", count: 257),
                ], "257 characters each")
            ada.post(
                "/user/account",
                ["allow_newsletters": "false", "email": "eve@example.org", "role": "owner"],
                "What is not sent is emptied; address and role cannot be set")
            ada.get("/user/account/", "That was saved")
            ada.get("/user/account/personal-info/", "Any one segment is this page")
            ada.get("/user/account/password", "Also where the form of the password is sent")
            ada.post("/user/account/", ["first_name": "a\u{0}b"], "A NUL in a name")
            ada.get("/.well-known/change-password", "Where password managers ask for the form")
            Browser(world, transcript).get(
                "/.well-known/change-password", "Whoever is not logged in comes to the log-in page by it")
        },
        Subject("account-provisioned", "An account that the operator made.") { transcript in
            let world = try transcript.world()
            _ = try world.accounts.provision(
                email: EmailAddress(parsing: "ops@example.org"), password: Password(claimed: Person.password),
                token: APIToken(parsing: "12345"))
            let ops = Browser(world, transcript)
            ops.get("/user/login/")
            ops.post(
                "/user/login/", ["email": "ops@example.org", "password": Person.password],
                "Logging in with the password from the environment")
            ops.get("/user/account/", "A warning until it is changed, and a token of 5 characters")
            ops.post(
                "/user/account/password",
                ["current_password": Person.password, "new_password": Person.newPassword],
                "It is changed")
            ops.get("/user/account/", "The warning is gone")
        },
        Subject("password", "Changing one's password.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let elsewhere = Browser(world, transcript)
            elsewhere.post("/user/login/", ["email": "ada@example.org", "password": Person.password])
            ada.get("/user/account/")
            ada.post(
                "/user/account/password",
                ["current_password": "wrong one 1", "new_password": Person.newPassword],
                "A wrong current password")
            ada.post(
                "/user/account/password",
                ["current_password": Person.password, "new_password": "1234567"], "7 characters")
            ada.post("/user/account/password", [:], "Nothing entered")
            ada.post(
                "/user/account/password",
                ["current_password": Person.password, "new_password": Person.newPassword],
                "It is changed")
            ada.get("/user/account/?done=password", "This session stays")
            elsewhere.get("/projects", "Every other one has ended")
            elsewhere.post(
                "/user/login/", ["email": "ada@example.org", "password": Person.password],
                "The old password is refused")
            elsewhere.post(
                "/user/login/", ["email": "ada@example.org", "password": Person.newPassword],
                "The new one works")
        },
        Subject("token", "The API token on the account page.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let old = try world.accounts.apiToken(of: User.ID(1))
            ada.get("/user/account/token/reset", "The question")
            ada.post("/user/account/token/reset", [:], "The answer")
            ada.get("/user/account/?done=token", "Another token")
            Browser(world, transcript).get("/api/current-user/whoami", "The old one is refused") {
                $0.header.authorization = "Token \(old)"
            }
        },
    ]
}

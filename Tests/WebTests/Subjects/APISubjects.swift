import Accounts
import Database
import HTTP

@testable import Web

extension Subject {
    static let api = [
        Subject("api", "The calls of the API.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            ada.get("/api/current-user/whoami", "Who am I, by a session")
            ada.get("/user/account/")
            ada.post(
                "/user/account/",
                ["allow_newsletters": "true", "first_name": "Ada", "last_name": "Lovelace", "phone": "1"])
            ada.get("/api/current-user/whoami/", "With names, and with a slash")
            ada.get("/api/current-user/token", "The token, by a session")
            ada.get("/api/invite", "The invite link")
            ada.post("/api/invite/reset-token", [:], "Its reset, by a session")

            let client = Browser(world, transcript)
            let token = try world.accounts.apiToken(of: User.ID(1))
            let byToken: (inout Request) -> Void = { $0.header.authorization = "Token \(token)" }
            client.get("/api/current-user/whoami", "Who am I, by the token", byToken)
            client.get("/api/current-user/token", "The token, by the token", byToken)
            client.get("/api/invite/", "The invite link, by the token", byToken)
            client.send(.post, "/api/invite/reset-token/", "Its reset needs no form token then", byToken)
            client.send(.post, "/api/current-user/reset-token/", "The reset of the token", byToken)
            client.get("/api/current-user/token", "The old token is dead", byToken)
            ada.post("/api/current-user/reset-token", [:], "The reset of the token, by a session")
        },
        Subject("api-authentication", "Who calls the API: each form of 401.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let client = Browser(world, transcript)
            let token = try world.accounts.apiToken(of: User.ID(1))
            func call(_ caption: String, _ authorization: String?, key: String? = nil) {
                client.get("/api/current-user/token", caption) {
                    $0.header.authorization = authorization
                    $0.header.apiKey = key
                }
            }
            call("The keyword in any case, and more spaces than needed", "tOKEN   \(token) ")
            call("X-Api-Key", nil, key: token)
            call("X-Api-Key overrides Authorization", "Token made-up-token", key: token)
            call("Also when it is the wrong one", "Token \(token)", key: "made-up-token")
            call("Nothing at all", nil)
            call("A token that nobody has", "Token made-up-token")
            call("The keyword alone", "Token")
            call("More than one word", "Token made up")
            call("Beyond ASCII", "Token é")
            call("A legacy token as Bearer", "Bearer \(token)")
            call("Basic", "Basic YWRhOmFkYQ==")
            call("The bare key", token)
            client.get("/api/current-user/token?token=\(token)", "In the query")
            ada.get("/api/current-user/token", "A wrong token does not fall back to the session") {
                $0.header.authorization = "Token made-up-token"
            }
            ada.get("/api/current-user/token", "A bad Bearer does") {
                $0.header.authorization = "Bearer made-up-token"
            }
            let bob = Browser.member("bob@example.org", in: world, transcript)
            let bobs = try world.accounts.apiToken(of: User.ID(2))
            try world.remove("bob@example.org")
            call("The token of a removed member", "Token \(bobs)")
            bob.get("/api/current-user/token", "The session of a removed member")
        },
        Subject("api-foreign", "Unsafe calls by a session come from pages of ours only.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            ada.send(.post, "/api/invite/reset-token", "Neither origin nor token")
            ada.post("/api/invite/reset-token", [:], "From another site") {
                $0.header.origin = "https://evil.example"
                $0.header.secFetchSite = "cross-site"
            }
            ada.post("/api/current-user/reset-token", [:], "From another site, by an old browser") {
                $0.header.origin = "https://evil.example"
                $0.header.secFetchSite = nil
            }
            let cookie = ada.cookies.first { $0.name == FormTokens.cookieName }?.value
            ada.send(.post, "/api/invite/reset-token", "The bare token in a header") {
                $0.header.csrfToken = cookie
            }
            ada.send(.post, "/api/current-user/reset-token", "The token of somebody else in a header") {
                $0.header.csrfToken = String(repeating: "A", count: 32)
            }
        },
        Subject("api-errors", "Errors of the API, always JSON.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            ada.get("/api/nothing", "No such address")
            ada.get("/api/", "Nor this")
            ada.get("/api//nothing", "A path that is none")
            ada.send(.put, "/api/current-user/whoami", "A method that is not there")
            ada.get("/api/current-user/reset-token/", "Nor this")
            ada.send(.delete, "/api/invite", "Nor this")
            ada.send(.post, "/api/invite/reset-token", "A body longer than is read") {
                $0.header.origin = ada.origin
                $0.body = .tooLarge
            }
            ada.send(.post, "/api/invite/reset-token", "A body that is cut off") {
                $0.header.origin = ada.origin
                $0.body = .cutOff
            }
            world.database.fail(
                .init(text: "FROM api_token", error: .init(.other, "no such table: api_token")))
            ada.get("/api/current-user/token", "A fault of ours")
            world.database.fail(.init(text: "FROM api_token", error: .init(.busy, "database is locked")))
            ada.get("/api/current-user/token", "A database that is busy")
        },
        Subject("health", "Whether it works.") { transcript in
            let world = try transcript.world()
            let monitor = Browser(world, transcript)
            monitor.get("/health", "It does")
            monitor.get("/health/", "With a slash")
            monitor.send(.head, "/health", "The head alone")
            let ada = Browser.member("ada@example.org", in: world, transcript)
            ada.get("/health", "Also for somebody who is logged in")
            world.database.fail(.init(text: "FROM installation", error: .init(.unavailable, "no file")))
            world.pass(seconds: 1)
            monitor.get("/health", "It does not")
        },
    ]
}

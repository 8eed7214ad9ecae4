import Accounts
import HTTP

@testable import Web

extension Subject {
    static let apiTokens = [
        Subject("api-access-tokens", "Personal access tokens, by the API.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let bob = Browser.member("bob@example.org", in: world, transcript)
            let program = Browser(world, transcript)
            func sent(_ token: String) -> String { #"{"refresh": "\#(token)"}"# }
            func call(_ path: String, _ body: String, _ caption: String) -> JSON? {
                // A program sends no origin.
                let response = program.call(.post, path, body, caption) {
                    $0.header.origin = nil
                    $0.header.secFetchSite = nil
                }
                return try? JSON(parsing: response.body)
            }
            func whoAmI(_ access: String, _ caption: String) {
                program.get("/api/current-user/whoami?fields=email", caption) {
                    $0.header.authorization = "Bearer \(access)"
                }
            }
            ada.get("/api/token/", "None at first")
            let token = ada.call(.post, "/api/token/", "{}", "One is made").string("token")
            ada.call(.post, "/api/token/", "{}", "One at a time")
            let listed = ada.get("/api/token", "It is listed without its signature").string("token")
            let access =
                call("/api/token/refresh/", sent(token), "It gets an access token")?["access"].text ?? ""
            whoAmI(access, "Which calls are made with")
            program.send(.post, "/api/invite/reset-token", "Also those that change something") {
                $0.header.authorization = "Bearer \(access)"
            }
            whoAmI(token, "The personal access token itself is none")
            program.get("/api/current-user/token", "The keyword is written so") {
                $0.header.authorization = "bearer \(access)"
            }
            program.get("/api/current-user/token", "Nor is it an API token") {
                $0.header.authorization = "Token \(access)"
            }
            _ = call("/api/token/refresh/", sent(access), "An access token gets none")
            _ = call("/api/token/refresh/", sent(listed), "Nor does what the list shows")
            _ = call("/api/token/refresh/", sent(token + "x"), "Nor a changed one")
            _ = call("/api/token/refresh/", "{}", "Nor nothing")
            bob.call(.post, "/api/token/rotate/", sent(token), "Nobody replaces another's")
            let second = ada.call(.post, "/api/token/rotate/", sent(token), "She replaces it").string(
                "refresh")
            _ = call("/api/token/refresh/", sent(token), "The old one is no good any more")
            whoAmI(access, "What it has made goes on")
            ada.call(.post, "/api/token/rotate/", sent(token), "Once is enough")
            bob.call(
                .post, "/api/token/blacklist/", sent(listed), "Nobody revokes another's by what a list shows")
            _ = call("/api/token/blacklist/", sent(second + "x"), "Nor by a changed one")
            let other = call("/api/token/refresh/", sent(second), "The new one works")?["access"].text ?? ""
            _ = call("/api/token/blacklist/", sent(second), "Whoever has it can revoke it")
            _ = call("/api/token/refresh/", sent(second), "Then it is no good")
            whoAmI(other, "Nor what it has made")
            _ = call("/api/token/blacklist/", sent(second), "Again")
            let third = ada.call(.post, "/api/token/", "{}", "Another one").string("token")
            let shown = ada.get("/api/token/").string("token")
            let last = call("/api/token/refresh/", sent(third), "")?["access"].text ?? ""
            world.pass(seconds: 299)
            whoAmI(last, "For five minutes")
            world.pass(seconds: 1)
            whoAmI(last, "And no longer")
            ada.call(
                .post, "/api/token/blacklist/", sent(shown), "From another site, her session does not count"
            ) {
                $0.header.origin = "https://evil.example"
                $0.header.secFetchSite = "cross-site"
            }
            ada.call(.post, "/api/token/blacklist/", sent(shown), "She revokes it by what the list shows")
            ada.get("/api/token/", "None again")
            ada.call(.post, "/api/token/refresh/", sent(third), "Also for somebody who is logged in")
            program.get("/api/token/", "Strangers have none")
            program.call(.post, "/api/token/", "{}")
            program.call(.post, "/api/token/rotate/", "{}")
            bob.call(.post, "/api/token/rotate/", "{}", "Which one?")
        },
        Subject("api-token-settings", "Kinds of tokens are switched off and on.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let bob = Browser.member("bob@example.org", in: world, transcript)
            let program = Browser(world, transcript)
            let key = try world.accounts.apiToken(of: User.ID(2))
            func byKey(_ caption: String) {
                program.get("/api/current-user/whoami?fields=email", caption) {
                    $0.header.authorization = "Token \(key)"
                }
            }
            bob.get("/api/jwt/settings", "Both work")
            ada.call(
                .post, "/api/jwt/settings", #"{"legacy_api_tokens_enabled": false}"#, "One is switched off")
            byKey("It is refused")
            bob.get("/api/current-user/token", "One still sees it")
            bob.get("/user/account/", "And is told")
            ada.post(
                "/api/jwt/settings/", ["legacy_api_tokens_enabled": "on"], "A form: what is not ticked is off"
            )
            byKey("It works again")
            ada.call(
                .post, "/api/jwt/settings", #"{"api_tokens_enabled": "maybe", "api_token_ttl_days": 5}"#,
                "Which?")
            bob.call(.post, "/api/jwt/settings", #"{"api_tokens_enabled": true}"#, "Members do not")
            program.get("/api/jwt/settings", "Nor do strangers")
            program.call(.post, "/api/jwt/settings", "{}")
        },
        Subject("access-token", "The pages about personal access tokens.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let bob = Browser.member("bob@example.org", in: world, transcript)
            let stranger = Browser(world, transcript)
            ada.get("/user/account/")
            ada.post("/user/account/access-token", [:], "One is made, and shown once")
            ada.post("/user/account/access-token", [:], "One at a time")
            let account = ada.get("/user/account/", "Then only that it is there").text
            let id = account.firstMatch(of: /revoke\?id=([0-9a-f]{32})/).map { String($0.1) } ?? ""
            ada.get("/user/account/access-token/revoke?id=\(id)", "A question first")
            bob.post("/user/account/access-token/revoke", ["id": id], "Not by another")
            ada.post("/user/account/access-token/revoke", ["id": id], "It is revoked")
            ada.get("/user/account/?done=access-token")
            ada.post("/user/account/access-token/revoke", ["id": id], "Again")
            stranger.post("/user/account/access-token", [:], "Strangers log in first")
            stranger.get("/user/account/access-token/revoke")
            stranger.post("/user/account/access-token/revoke", ["id": id])
            ada.get("/organization/access", "An owner chooses which kinds are accepted")
            ada.post("/organization/access", ["api_tokens": "true"], "One of them")
            ada.get("/organization/access?done=api-tokens")
            bob.get("/user/account/", "Everybody is told")
            bob.get("/organization/access", "Members choose nothing")
            bob.post("/organization/access", [:])
            stranger.get("/organization/access")
            stranger.post("/organization/access", [:])
            ada.get("/organization/sessions/end", "Everybody can be logged out, after a question")
            bob.post("/organization/sessions/end", [:], "Not by a member")
            ada.post("/organization/sessions/end", [:], "By an owner")
            ada.get("/organization/access?done=logged-out", "Who stays")
            bob.get("/organization/sessions/end", "The others have to log in again")
            stranger.get("/organization/sessions/end")
            stranger.post("/organization/sessions/end", [:])
        },
    ]
}

extension Response {
    /// The first text of that name in the body, which is JSON.
    fileprivate func string(_ name: String) -> String {
        guard let value = try? JSON(parsing: body) else { return "" }
        if case .array(let elements) = value { return elements.first?[name].text ?? "" }
        return value[name].text
    }
}

extension JSON? {
    fileprivate var text: String {
        if case .string(let text) = self { text } else { "" }
    }
}

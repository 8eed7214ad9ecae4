import Accounts
import Database
import HTTP

@testable import Web

extension Subject {
    static let apiProjects = [
        Subject("api-projects", "Projects, by the API.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let stranger = Browser(world, transcript)
            ada.get("/api/projects/", "None at first")
            ada.call(
                .post, "/api/projects/",
                #"{"title": "Birds", "description": null, "label_config": "<View><Text name='t' value='$t'/></View>", "sampling": "Sequential sampling", "maximum_annotations": 2, "id": 7, "created_by": 9}"#,
                "What this program does not know is kept")
            ada.get("/api/projects/1/", "It is there")
            ada.call(
                .patch, "/api/projects/1/", #"{"title": "Songbirds", "sampling": "Uniform sampling"}"#,
                "Another title, another sampling")
            ada.call(.patch, "/api/projects/1", #"{"description": "By their songs"}"#, "A description")
            ada.post("/api/projects/", ["title": "Fish", "color": "#FF0000"], "By a form")
            ada.get("/api/projects?page_size=1", "The newest first")
            ada.get("/api/projects?page=2&page_size=1&include=id,title", "The next page")
            ada.get("/api/projects?page=9", "Past the end")
            ada.get("/api/projects?page=none", "No page")
            ada.call(.post, "/api/projects/", "{}", "It needs a title")
            ada.call(.post, "/api/projects/", #"{"title": " "}"#, "And not a blank one")
            ada.call(.patch, "/api/projects/1/", #"{"title": null, "description": [1]}"#, "All that is wrong")
            ada.call(
                .post, "/api/projects/",
                #"{"title": "\#(String(repeating: "t", count: 256))", "description": "\#(String(repeating: "d", count: 4001))"}"#,
                "Too long")
            ada.get("/api/projects/99/", "No such project")
            ada.call(.patch, "/api/projects/99/", "{}")
            ada.get("/projects/1/", "The page of it")
            let bob = Browser.member("bob@example.org", in: world, transcript)
            bob.call(
                .post, "/api/projects/", #"{"title": "Mice", "é": 1, "e\u0301": 2}"#,
                "Two names that look alike")
            try world.remove("bob@example.org")
            ada.get("/api/projects/3/", "Its author is out")
            _ = try world.database.write { connection in
                try connection.rows(
                    """
                    UPDATE project SET description = \(String(repeating: "d", count: 5_000)) WHERE id = 3
                    """)
            }
            ada.call(
                .patch, "/api/projects/3/?fields=title", #"{"title": "Moles"}"#,
                "An imported description may be long, and stays")
            func delete(_ target: String, _ caption: String) {
                ada.send(.delete, target, caption) { $0.header.origin = ada.origin }
            }
            delete("/api/projects/1/", "Deleted")
            delete("/api/projects/1/", "Again")
            stranger.get("/api/projects/", "Strangers see nothing")
            stranger.call(.post, "/api/projects/", "{}")
            stranger.get("/api/projects/2/")
            stranger.call(.patch, "/api/projects/2/", "{}")
            stranger.send(.delete, "/api/projects/2/")
        },
        Subject("api-version", "What clients ask before anything else.") { transcript in
            let world = try transcript.world()
            let stranger = Browser(world, transcript)
            let ada = Browser.member("ada@example.org", in: world, transcript)
            stranger.get("/api/version/", "Which server is it?")
            ada.get("/api/version", "Also for members")
            stranger.get("/version", "The older address")
            ada.get("/version/")
            stranger.get("/api/docs/openapi.json", "What it can be asked, for programs")
            ada.get("/api/docs/openapi.json")
            stranger.get("/api/docs", "And for people")
            ada.get("/api/docs/")
            stranger.get("/metrics", "No figures: they are for the operator, on another socket")
        },
        Subject("api-cross-origin", "Pages of other sites call the API: those that were named.") {
            transcript in
            let world = try transcript.world(allowedOrigins: ["https://tools.example"])
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let token = try world.accounts.apiToken(of: User.ID(1))
            let page = Browser(world, transcript)
            func call(_ method: HTTP.Method, _ caption: String, _ origin: String, _ token: String? = nil) {
                page.send(method, "/api/projects/", caption) {
                    $0.header.origin = origin
                    $0.header.secFetchSite = "cross-site"
                    $0.header.authorization = token.map { "Token \($0)" }
                    guard method == .post else { return }
                    $0.header.contentType = "application/json"
                    $0.body = .complete(Array(#"{"title": "Birds"}"#.utf8))
                }
            }
            call(.options, "Whether it may", "https://tools.example")
            call(.post, "It may, with a token", "https://tools.example", token)
            call(.get, "An error can be read too", "https://tools.example", "wrong-token")
            call(.options, "Another site may not", "https://evil.example")
            call(.get, "Nor does it see the answer", "https://evil.example", token)
            ada.post("/api/invite/reset-token", [:], "No cookie counts, not even from a named site") {
                $0.header.origin = "https://tools.example"
                $0.header.secFetchSite = "cross-site"
            }
            page.get("/user/login/", "Pages are not the API") { $0.header.origin = "https://tools.example" }
        },
    ]
}

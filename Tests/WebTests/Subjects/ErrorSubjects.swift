import Accounts
import Database
import HTTP

@testable import Web

extension Subject {
    static let errors = [
        Subject("errors", "Pages about what cannot be answered.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let stranger = Browser(world, transcript)
            stranger.get("/nothing", "404 for a stranger")
            ada.get("/nothing/here/", "404 for a member")
            for target in ["//evil.example", "/a/../b", "/%2e%2e/", "/user%2Flogin", "/%FF", "/a%00b", "*"] {
                stranger.send(.get, target, "404, a path that is none: \(target)")
            }
            stranger.get("/projects/007", "404, a number that is written otherwise")
            stranger.get("/projects/99999999999999999999/", "404, a number that is too large")
            stranger.send(.put, "/user/login/", "405, a method that is not there")
            stranger.send(.init("TRACE"), "/", "405, TRACE")
            stranger.send(.post, "/organization/", "405, an address for looking only")
            stranger.send(.post, "/user/login/", "400, a body that is cut off") { $0.body = .cutOff }
            stranger.send(.post, "/user/login/", "400, what is not UTF-8") {
                $0.header.origin = stranger.origin
                $0.header.contentType = "application/x-www-form-urlencoded"
                $0.body = .complete(Array("email=%FF".utf8))
            }
            stranger.send(.post, "/user/login/", "400, more fields than any form has") {
                $0.header.origin = stranger.origin
                $0.header.contentType = "application/x-www-form-urlencoded"
                $0.body = .complete(Array((0...200).map { "a\($0)=" }.joined(separator: "&").utf8))
            }
            stranger.send(.post, "/user/login/", "413, a body longer than is read") { $0.body = .tooLarge }
        },
        Subject("foreign-requests", "Forms that were not sent from our pages.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let stranger = Browser(world, transcript)
            ada.get("/organization/invite/reset")
            ada.post("/organization/invite/reset", [:], "From another site") {
                $0.header.origin = "https://evil.example"
                $0.header.secFetchSite = "cross-site"
            }
            ada.post("/user/account/", [:], "From another site, by an old browser") {
                $0.header.origin = "https://evil.example"
                $0.header.secFetchSite = nil
            }
            ada.post("/logout", [:], "From nowhere") {
                $0.header.origin = "null"
                $0.header.secFetchSite = nil
            }
            stranger.get("/user/login/")
            stranger.post("/user/login/", ["email": "eve@example.org", "password": "wrong one 1"], "Log-in") {
                $0.header.secFetchSite = "same-site"
            }
            stranger.post(
                "/user/signup/", ["email": "eve@example.org", "password": "wrong one 1"], "Sign-up"
            ) {
                $0.header.origin = "http://labels.example"
                $0.header.secFetchSite = nil
            }
            stranger.send(.post, "/user/login/", "Neither origin nor token")
        },
        Subject("failures", "When the server fails.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let stranger = Browser(world, transcript)
            world.database.fail(.init(text: "FROM project", error: .init(.other, "no such table: project")))
            ada.get("/projects/", "500, a fault of ours")
            world.database.fail(.init(text: "FROM project", error: .init(.busy, "database is locked")))
            ada.get("/projects/", "503, a database that is busy")
            world.database.fail(.init(text: "INSERT INTO project", error: .init(.storage, "disk full")))
            ada.get("/projects/new")
            ada.post("/projects/new", ["title": "Birds", "description": ""], "503, no room on the device")
            world.database.fail(.init(text: "", error: .init(.unavailable, "the file is gone")))
            ada.get("/projects/", "503, a database that does not answer at all")
            stranger.get("/user/login/", "503, for a stranger")
            world.database.fail(nil)
            transcript.refusal(
                world, "503, more people log in at once than fit the queue", "/user/login/?next=%2F")
        },
        Subject("head-and-options", "HEAD and OPTIONS.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let stranger = Browser(world, transcript)
            stranger.send(.head, "/", "HEAD of the front door")
            stranger.send(.head, "/user/login/", "HEAD of a page")
            stranger.send(.head, "/projects/?page=2", "HEAD of a page for members")
            ada.send(.head, "/projects/", "HEAD for a member")
            ada.send(.head, "/api/current-user/whoami", "HEAD of a call")
            stranger.send(.head, "/nothing", "HEAD of nothing")
            stranger.send(.options, "/user/login/", "OPTIONS of a form")
            stranger.send(.options, "/api/current-user/reset-token", "OPTIONS of an address that only asks")
            ada.send(.options, "/api/current-user/whoami", "OPTIONS of a call")
            stranger.send(.options, "/nothing", "OPTIONS of nothing")
        },
    ]
}

extension Transcript {
    /// What the responder sends without asking the site for more.
    func refusal(_ world: World, _ caption: String, _ target: String) {
        var request = Request(method: .post, target: target, remoteAddress: "192.0.2.10")
        request.header.host = "labels.example:8080"
        add(caption, request, world.site.refuse(request), nil)
    }
}

import Database
import Accounts
import HTTP
import Testing

@testable import Web

struct LogTests {
    /// Everything in an exchange that opens a door.
    private static func secrets(in exchange: Transcript.Exchange) -> Set<String> {
        let request = exchange.request
        var secrets: Set<String> = []
        let query = Form(parsing: Target(parsing: request.target).query) ?? Form()
        secrets.insert(query["token"] ?? "")
        secrets.insert(query["ticket"] ?? "")
        if case .complete(let bytes) = request.body {
            let form = Form(parsing: String(decoding: bytes, as: UTF8.self)[...]) ?? Form()
            for name in ["password", "current_password", "new_password", FormTokens.fieldName] {
                secrets.insert(form[name] ?? "")
            }
        }
        for cookie in (request.header.cookie ?? "").split(separator: "; ") {
            secrets.insert(String(cookie.split(separator: "=").last ?? ""))
        }
        secrets.insert(request.header.apiKey ?? "")
        secrets.insert(request.header.csrfToken ?? "")
        secrets.insert(String((request.header.authorization ?? "").split(separator: " ").last ?? ""))
        let body = exchange.response.text
        for pattern in [
            /name="csrfmiddlewaretoken" value="([^"]*)"/, /id="api-token"[^>]*value="([^"]*)"/,
            /signup\/\?token=([^"&]*)"/, /"token":"([^"]*)"/,
        ] {
            for match in body.matches(of: pattern) { secrets.insert(String(match.1)) }
        }
        for cookie in exchange.response.values("Set-Cookie") {
            let pair = cookie.split(separator: ";")[0].split(separator: "=")
            if pair.count == 2 { secrets.insert(String(pair[1])) }
        }
        return secrets.filter { $0.utf8.count >= 4 }
    }

    @Test func `nothing secret is in any line of the log`() throws {
        let played = try Subject.allPlayed.map { try $0.1.get() }
        let secrets = played.flatMap(\.exchanges).reduce(into: Set<String>()) {
            $0.formUnion(Self.secrets(in: $1))
        }
        let values =
            played.flatMap(\.events).flatMap { event in
                event.fields.map { "\(event.name) \($0.name)=\($0.value)" }
            }
            + played.flatMap(\.audit).map { "\($0.action.rawValue) \($0.clientAddress) \($0.detail)" }
        #expect(secrets.count > 100)
        #expect(secrets.isSuperset(of: [Person.password, Person.newPassword, "12345", "made-up-token"]))
        #expect(values.count > 50)
        for value in values {
            let found = secrets.filter { value.contains($0) }
            #expect(found.isEmpty, "\(value)")
        }
    }

    @Test func `each event that an operator asks about is logged`() throws {
        let names = Set(try Subject.allPlayed.flatMap { try $0.1.get().events.map(\.name) })
        #expect(
            names == [
                "sign-up-refused", "token-refused", "project-deleted", "right-refused", "link-refused",
                "foreign-request",
                "failure",
                "overloaded", "proxy-not-trusted", "not-healthy", "labeling-server-failed", "ticket-refused",
            ])
    }

    @Test func `each kind of event is in the audit of some subject`() throws {
        let actions = Set(try Subject.allPlayed.flatMap { try $0.1.get().audit.map(\.action) })
        // Only the command line does these.
        #expect(
            Set(AuditEvent.Action.allCases).subtracting(actions)
                == [.passwordReset, .tokenShown, .peopleImported, .restored, .upstreamRemoved])
    }

    @Test func `the reference on the page is the one in the log`() throws {
        let world = try World()
        let ada = Browser.member("ada@example.org", in: world)
        world.database.fail(.init(text: "FROM project", error: .init(.other, "no such table")))
        let page = ada.get("/projects/") { $0.reference = nil }.text
        let reference = try #require(page.firstMatch(of: /Reference: <code>([0-9a-f-]{36})<\/code>/)).1
        let event = try #require(world.events.last { $0.name == "failure" })
        #expect(event.level == .error)
        #expect(event.fields.contains { $0.name == "reference" && $0.value == reference })
        #expect(event.fields.contains { $0.name == "error" && $0.value == "no such table" })
        #expect(!page.contains("no such table"))
    }

    @Test(arguments: ["/nowhere", "/api/nowhere", "/user/signup/?token=wrong"])
    func `every error tells what the web server calls the request`(target: String) throws {
        let world = try World(isSignUpOpen: false)
        let answer = Browser(world).get(target)
        #expect(answer.status.rawValue >= 400)
        #expect(answer.text.contains(Browser.reference))
    }

    @Test func `the line of a request has the reference if it is an error`() throws {
        let world = try World()
        for (target, status, reference) in [
            ("/", Status.found, nil), ("/nowhere", .notFound, Browser.reference),
        ] {
            var request = Request(method: .get, target: target)
            request.reference = Browser.reference
            let visit = world.site.visit(of: request)
            let line = RequestLine(visit, status, beginning: World.beginning, end: World.beginning)
            #expect(line.reference == reference)
        }
    }

    @Test func `a query is not logged: links have their token there`() throws {
        let world = try World()
        _ = Browser.member("ada@example.org", in: world)
        let stranger = Browser(world)
        stranger.send(.post, "/user/signup/?token=one-secret")
        stranger.post("/user/signup/?token=one-secret", ["email": "a@b.example", "password": "other-secret"])
        stranger.get("/api/invite?token=one-secret") { $0.header.apiKey = "third-secret" }
        let text = world.events.map { "\($0)" }.joined()
        #expect(text.contains("/user/signup"))
        for secret in ["one-secret", "other-secret", "third-secret"] { #expect(!text.contains(secret)) }
    }
}

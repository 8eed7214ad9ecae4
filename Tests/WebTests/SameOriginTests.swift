import Accounts
import HTTP
import Testing

@testable import Web

struct SameOriginTests {
    /// What a request says of where it comes from, and whether it is acted upon.
    struct Case: Sendable, CustomTestStringConvertible {
        let site: String?
        let origin: String?
        let hasToken: Bool
        let isAccepted: Bool

        init(_ site: String?, _ origin: String?, token hasToken: Bool, _ isAccepted: Bool) {
            self.site = site
            self.origin = origin
            self.hasToken = hasToken
            self.isAccepted = isAccepted
        }

        var testDescription: String {
            "Sec-Fetch-Site: \(site ?? "-"), Origin: \(origin ?? "-"), token: \(hasToken)"
        }
    }

    private static let ours = "http://labels.example:8080"

    private static let foreign = [
        "https://evil.example", "null", "", "http://labels.example", "http://labels.example:80",
        "http://labels.example:8081", "https://labels.example:8080", "http://labels.example:8080/",
        "http://labels.example:8080.evil.example", "http://evil.example/http://labels.example:8080",
        "labels.example:8080", "http://sub.labels.example:8080", "\(ours), \(ours)", " \(ours)",
    ]

    /// `Sec-Fetch-Site` decides if it is there, else `Origin`, else the token.
    static let cases: [Case] = {
        var cases: [Case] = []
        for hasToken in [true, false] {
            for origin in [ours, "https://evil.example", "null", nil] {
                cases.append(Case("same-origin", origin, token: hasToken, true))
                for site in ["cross-site", "same-site", "none", "", "Same-Origin", "same-origin, cross-site"]
                {
                    cases.append(Case(site, origin, token: hasToken, false))
                }
            }
            for origin in [ours, "HTTP://Labels.Example:8080"] {
                cases.append(Case(nil, origin, token: hasToken, true))
            }
            for origin in foreign { cases.append(Case(nil, origin, token: hasToken, false)) }
            cases.append(Case(nil, nil, token: hasToken, hasToken))
        }
        return cases
    }()

    @Test(arguments: cases)
    func `what a browser says decides, and the token only if it says nothing`(_ example: Case) throws {
        let ada = Browser.member("ada@example.org", in: try World())
        ada.get("/logout")
        let token = example.hasToken ? ada.formToken : nil
        let response = ada.send(.post, "/organization/invite/reset") { request in
            request.header.secFetchSite = example.site
            request.header.origin = example.origin
            request.header.csrfToken = token
        }
        #expect(response.status == (example.isAccepted ? .found : .forbidden))
    }

    @Test func `a form from another site changes nothing, on any route`() throws {
        let world = try World()
        let ada = Browser.member("ada@example.org", in: world)
        ada.post("/projects/new", ["title": "Birds", "description": "kept"])
        let invitation = world.accounts.invitationToken(of: try #require(try world.accounts.organization()))
        for route in Route.table where route.actions.contains(where: { $0.method == .post }) {
            let response = ada.post(route.address, ["title": "x", "first_name": "x"]) {
                $0.header.origin = "https://evil.example"
                $0.header.secFetchSite = "cross-site"
            }
            // These act by the token in the body alone; no cookie counts then.
            let actsByBody = ["/api/token/refresh", "/api/token/blacklist"].contains(route.name)
            #expect(response.status == (actsByBody ? .badRequest : .forbidden), "\(route.name)")
            #expect(response.values("Set-Cookie").isEmpty, "\(route.name)")
        }
        #expect(ada.get("/projects/1/").text.contains("kept"))
        let now = world.accounts.invitationToken(of: try #require(try world.accounts.organization()))
        #expect(now == invitation)
    }

    @Test func `log-in and sign-up are protected too`() throws {
        let world = try World()
        _ = Browser.member("ada@example.org", in: world)
        for form in ["/user/login/", "/user/signup/"] {
            let stranger = Browser(world)
            stranger.get(form)
            let body = Browser.encode([
                (key: "email", value: "bob@example.org"), (key: "password", value: Person.password),
            ])
            let response = stranger.send(.post, form) {
                $0.header.contentType = "application/x-www-form-urlencoded"
                $0.body = .complete(Array(body.utf8))
            }
            #expect(response.status == .forbidden)
            #expect(response.values("Set-Cookie").isEmpty)
        }
    }

    @Test func `a client that is no browser logs in as the Python client does`() throws {
        let world = try World()
        _ = Browser.member("ada@example.org", in: world)
        let client = Browser(world)
        client.get("/user/login/")
        let cookie = try #require(client.cookies.first { $0.name == "csrftoken" }).value
        let body = Browser.encode([
            (key: "email", value: "ada@example.org"), (key: "password", value: Person.password),
            (key: "csrfmiddlewaretoken", value: cookie),
        ])
        let response = client.send(.post, "/user/login/") {
            $0.header.contentType = "application/x-www-form-urlencoded"
            $0.body = .complete(Array(body.utf8))
        }
        #expect(response.location == "/")
        #expect(client.get("/projects/").status == .ok)
    }

    @Test func `the token of another session proves nothing`() throws {
        let world = try World()
        let ada = Browser.member("ada@example.org", in: world)
        let eve = Browser.member("eve@example.org", in: world)
        eve.get("/logout")
        let eves = try #require(eve.cookies.first { $0.name == "csrftoken" }).value
        // Planted, as somebody on a neighbouring host might.
        ada.cookies.removeAll { $0.name == "csrftoken" }
        ada.cookies.append((name: "csrftoken", value: eves))
        let response = ada.send(.post, "/organization/invite/reset") { $0.header.csrfToken = eve.formToken }
        #expect(response.status == .forbidden)
    }

    @Test func `the page that refuses names both origins`() throws {
        let world = try World(address: "https://labels.example/labels")
        let ada = Browser.member("ada@example.org", in: world) {
            $0.scheme = "https"
            $0.host = "labels.example"
        }
        let page = ada.post("/labels/logout") {
            $0.header.origin = "http://inside:8080"
            $0.header.secFetchSite = nil
        }.text
        #expect(page.contains("<code>https://labels.example</code>"))
        #expect(page.contains("<code>http://inside:8080</code>"))
        #expect(page.contains("LABEL_STUDIO_HOST") && page.contains("LABEL_STUDIO_TRUSTED_PROXIES"))
        let event = world.events.last { $0.name == "foreign-request" }
        let values = event.map { $0.fields.map(\.value) }
        #expect(
            values == [
                "192.0.2.10", "/logout", Browser.reference, "https://labels.example", "http://inside:8080",
            ])
    }
}

import Accounts
import HTTP
import Testing

@testable import Web

/// What is counted of what people do.
struct FiguresTests {
    private let world: World
    private let owner: Browser

    init() throws {
        world = try World()
        owner = Browser.member("ada@example.org", in: world)
    }

    private var counts: Figures.Counts { world.site.figures.current }

    private func requests(_ route: String) -> [Int: Int] {
        let found = counts.requests.filter { $0.route == route }
        return Dictionary(uniqueKeysWithValues: found.map { ($0.status.rawValue, $0.count) })
    }

    @Test func `requests count by the pattern of their route, never by what was asked for`() {
        let browser = Browser(world)
        for path in ["/projects/1", "/projects/2/", "/nothing", "/%01", "/user/account/x", "/metrics"] {
            browser.get(path)
        }
        owner.get("/projects/77")
        browser.post("/health", [:])
        #expect(requests("/projects/#") == [302: 2, 404: 1])
        #expect(requests("other") == [404: 3])
        #expect(requests("/user/account/*") == [302: 1])
        #expect(requests("/health") == [405: 1])
    }

    @Test func `what the program asks itself is not counted`() {
        var request = Request(method: .get, target: "/health")
        request.isFromInside = true
        _ = world.site.answer(request)
        #expect(requests("/health").isEmpty)
        request.isFromInside = false
        _ = world.site.answer(request)
        #expect(requests("/health") == [200: 1])
    }

    @Test func `a request that finds the queue full counts`() {
        _ = world.site.refuse(Request(method: .post, target: "/user/login/"))
        #expect(requests("/user/login")[503] == 1)
    }

    @Test func `log-ins count by what came of them`() throws {
        _ = Browser.member("bob@example.org", in: world)
        try world.remove("bob@example.org")
        func logIn(_ email: String, _ password: String) {
            Browser(world).post("/user/login/", ["email": email, "password": password])
        }
        logIn("ada@example.org", Person.password)
        logIn("nobody@example.org", Person.password)
        logIn("bob@example.org", Person.password)
        for _ in 1...12 { logIn("ada@example.org", "wrong password") }
        #expect(
            counts.logIns == [
                .succeeded: 1, .unknownEmail: 1, .removed: 1, .wrongPassword: 10, .throttled: 2,
            ])
        #expect(counts.refusals == [.logIn: 2])
    }

    @Test func `sign-ups and invitations count by what came of them`() throws {
        let before = counts
        #expect(before.signUps == [.succeeded: 1])
        let organization = try #require(try world.accounts.organization())
        let link = "/user/signup/?token=" + world.accounts.invitationToken(of: organization)
        let browser = Browser(world)
        browser.get(link)
        browser.post(link, ["email": "no address", "password": Person.password])
        browser.post(link, ["email": "ada@example.org", "password": Person.password])
        browser.post(link, ["email": "eve@example.org", "password": Person.password])
        owner.post("/organization/invite/reset", [:])
        Browser(world).post(link, ["email": "late@example.org", "password": Person.password])
        #expect(counts.signUps == [.succeeded: 2, .invalid: 1, .emailTaken: 1, .notAdmitted: 1])
        #expect(counts.invitations == [.opened: 1, .joined: 1, .reset: 1])
    }
}

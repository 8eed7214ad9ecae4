import HTTP
import Testing

@testable import Web

struct RouteTests {
    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get"]

    @Test(arguments: [true, false], ["", "/"])
    func `Allow names what a route answers, whoever asks, with and without a slash`(
        isLoggedIn: Bool, slash: String
    ) throws {
        let world = try World(address: "http://labels.example:8080", siteHosts: [Traveller.host])
        let browser = isLoggedIn ? Browser.member("ada@example.org", in: world) : Browser(world)
        for route in Route.table where route.name != "/" {
            browser.host = route.host
            var allowed = Set(route.actions.map(\.method.name) + ["OPTIONS"])
            if allowed.contains("GET") { allowed.insert("HEAD") }
            for method in Self.methods {
                let response = browser.send(.init(method), route.address + slash)
                if method == "OPTIONS" || !allowed.contains(method) {
                    #expect(response.status == (method == "OPTIONS" ? .ok : .methodNotAllowed))
                    let sent = response.values("Allow").map { $0.split(separator: ", ").map(String.init) }
                    #expect(sent.map(Set.init) == [allowed], "\(method) \(route.name)")
                    #expect(sent.first?.count == allowed.count, "no method twice")
                } else {
                    #expect(response.status != .methodNotAllowed, "\(method) \(route.name)")
                    #expect(response.values("Allow").isEmpty, "\(method) \(route.name)")
                }
            }
        }
    }

    @Test func `no two routes answer the same address`() {
        for route in Route.table {
            #expect(Route.table.filter { $0.name == route.name }.count == 1)
            let path = Path(parsing: route.address[...])
            #expect(path.flatMap(Route.matching)?.route.name == route.name)
        }
    }

    @Test func `a stranger enters these doors and no others`() throws {
        let world = try World(address: "http://labels.example:8080", siteHosts: [Traveller.host])
        _ = Browser.member("ada@example.org", in: world)
        let stranger = Browser(world)
        var open: Set<String> = []
        for route in Route.table {
            stranger.host = route.host
            for action in route.actions {
                let isPost = action.method == .post
                let response =
                    isPost ? stranger.post(route.address) : stranger.send(action.method, route.address)
                let isTurnedAway =
                    response.location?.hasPrefix("/user/login/?next=") ?? (response.status == .unauthorized)
                if !isTurnedAway { open.insert("\(action.method.name) \(route.name)") }
            }
        }
        #expect(
            open == [
                "GET /user/login", "POST /user/login", "GET /user/signup", "POST /user/signup", "GET /logout",
                "POST /logout", "GET /health", "GET /user/set-password", "POST /user/set-password",
                "GET /user/set-password/done", "GET /api/version", "GET /version",
                "GET /api/docs", "GET /api/docs/openapi.json", "POST /api/token/refresh",
                "POST /api/token/blacklist", "GET /-/accounts/ticket", "GET /-/accounts/site/refused",
                "GET /.well-known/change-password",
            ])
    }

    @Test
    func
        `what hashes a password or brings a file is slow, what asks the labeling server waits, and nothing else`()
        throws
    {
        let world = try World(address: "http://labels.example/labels")
        let slow = Route.table.filter(\.isSlow).map(\.name)
        #expect(
            slow == [
                "/user/login", "/user/signup", "/user/set-password",
                "/user/account/password", "/user/account/email", "/user/account/photo", "/user/account/leave",
                "/user/account/delete", "/api/users/#/avatar",
            ])
        let waiting = Route.table.filter(\.asksLabelingServer).map(\.name)
        #expect(
            waiting == [
                "/-/accounts/enter", "/organization/people/#/remove",
                "/organization/people/#/labeling-server",
            ])
        func isSlow(_ method: HTTP.Method, _ target: String) -> Bool {
            world.site.lane(of: Request(method: method, target: target)) == .slow
        }
        #expect(isSlow(.post, "/labels/user/login/?next=%2F"))
        #expect(isSlow(.post, "/user/login"))
        #expect(!isSlow(.get, "/labels/user/login/"))
        #expect(!isSlow(.get, "/labels/organization/people/2/labeling-server"))
        let beside = try World(labelingServer: "http://127.0.0.1:1").site
        let question = Request(method: .get, target: "/organization/people/2/labeling-server")
        #expect(beside.lane(of: question) == .waiting)
        #expect(beside.lane(of: Request(method: .get, target: "/organization/people/2/")) == .ordinary)
        #expect(!isSlow(.post, "/labels/logout"))
        #expect(!isSlow(.post, "/nothing"))
        #expect(!isSlow(.post, "//"))
    }

    @Test(arguments: [nil, "http://labels.example/labels"])
    func `files are brought to the address of a photo, and nowhere else`(address: String?) throws {
        let site = try World(address: address).site
        let takers = Route.table.filter { site.mayBringFile(.post, $0.address) }.map(\.name)
        #expect(takers == ["/user/account/photo", "/api/users/#/avatar"])
        #expect(site.mayBringFile(.post, "/user/account/photo/?x=y"))
        #expect(site.mayBringFile(.post, "/labels/user/account/photo") == (address != nil))
        #expect(!site.mayBringFile(.get, "/user/account/photo"))
        #expect(!site.mayBringFile(.delete, "/api/users/1/avatar"))
        #expect(!site.mayBringFile(.post, "//user/account/photo"))
        #expect(!site.mayBringFile(.post, ""))
    }

    @Test func `every 404 below the API is JSON`() throws {
        let browser = Browser(try World())
        for target in [
            "/api", "/api/", "/api/nothing", "/api/nothing/?a=b", "/api//nothing", "/api/%FF", "/api/a%2Fb",
            "/api/../api/invite",
        ] {
            let response = browser.get(target)
            #expect(response.status == .notFound)
            #expect(response.values("Content-Type") == ["application/json"], "\(target)")
        }
        #expect(browser.get("/apiary").values("Content-Type") == ["text/html; charset=utf-8"])
    }
}

extension Route {
    /// A host that it is on.
    var host: String {
        isOfSiteHosts ? Traveller.host : "labels.example:8080"
    }

    /// An address of this route.
    var address: String {
        String(name.map { $0 == "#" ? "1" : $0 == "*" ? "x" : $0 })
    }
}

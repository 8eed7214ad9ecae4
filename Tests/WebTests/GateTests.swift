import Accounts
import Database
import HTTP
import Testing

@testable import Web

/// What nginx is told when it asks whether a request may pass to a guarded site.
struct GateTests {
    private let world: World
    private let owner: Browser

    init() throws {
        world = try World()
        owner = Browser.member("ada@example.org", in: world)
    }

    private func ask(
        _ browser: Browser, _ question: GateQuestion = .page, _ method: HTTP.Method = .get,
        _ target: String = "/tools/?a=b", _ change: (inout Request) -> Void = { _ in }
    ) -> Response {
        browser.send(method, target) { request in
            request.gate = question
            change(&request)
        }
    }

    private func token() throws -> String {
        let found = owner.get("/api/current-user/token").text.firstMatch(of: /"token":"(\w+)"/)
        return try String(#require(found).1)
    }

    private func names(_ response: Response) -> Set<String> {
        Set(response.fields.map(\.name))
    }

    @Test func `a member passes, and the site is told who it is`() throws {
        let response = ask(owner)
        #expect(response.status == .noContent)
        #expect(response.body.isEmpty)
        #expect(response.values("Remote-User") == ["ada@example.org"])
        #expect(response.values("Remote-Email") == ["ada@example.org"])
        #expect(response.values("Remote-Name") == ["ada@example.org"])
        #expect(response.values("Remote-Groups") == ["owner,member"])
        let member = Browser.member("grace@example.org", in: world)
        #expect(ask(member).values("Remote-Groups") == ["member"])
    }

    @Test(arguments: [
        ("Ada", "Lovelace", "Ada Lovelace"), ("Адa", "Ловлейс 🎀", "Адa Ловлейс 🎀"),
        ("A\u{85}d\u{2028}a\u{7f}", "\u{2029}L", "Ada L"), ("\u{3000}Ada", "", "Ada"),
        ("\u{9b}", "", "ada@example.org"),
    ])
    func `a name goes as it is written, without control characters`(
        first: String, last: String, expected: String
    ) throws {
        _ = try world.database.write { connection in
            try connection.rows("UPDATE user_account SET first_name = \(first), last_name = \(last)")
        }
        #expect(ask(owner).values("Remote-Name") == [expected])
    }

    @Test func `a person without a session is led to the log-in page and back`() {
        let stranger = Browser(world)
        let response = ask(stranger)
        #expect(response.status == .unauthorized)
        #expect(response.location == "/user/login/?next=/tools/%3Fa%3Db")
        #expect(response.body.isEmpty)
        stranger.get(response.location!)
        let fields: KeyValuePairs = ["email": "ada@example.org", "password": Person.password]
        #expect(stranger.post(response.location!, fields).location == "/tools/?a=b")
        #expect(ask(stranger).status == .noContent)
        // What cannot be asked for once more.
        #expect(ask(Browser(world), .page, .post).location == "/user/login/?next=/")
        #expect(ask(Browser(world), .page, .get, "/tools/../x").location == "/user/login/?next=/")
    }

    @Test(arguments: [GateQuestion.call, .handshake])
    func `a program without a session is only refused`(question: GateQuestion) {
        let response = ask(Browser(world), question)
        #expect(response.status == .unauthorized)
        #expect(names(response) == ["Gate-Detail", "WWW-Authenticate"])
    }

    @Test(arguments: ["http", "https"])
    func `at a sub-path he comes back to where the session is known`(scheme: String) throws {
        let world = try World(address: "\(scheme)://labels.example/labels")
        let ada = Browser.member("ada@example.org", in: world) {
            $0.scheme = scheme
            $0.host = "labels.example"
        }
        #expect(ask(ada).status == .noContent)
        let stranger = Browser(world)
        let destination = scheme == "https" ? "/tools/%3Fa%3Db" : "/labels/"
        #expect(ask(stranger).location == "/labels/user/login/?next=\(destination)")
        let below = ask(stranger, .page, .get, "/labels/tools/")
        #expect(below.location == "/labels/user/login/?next=/labels/tools/")
    }

    @Test func `each kind of token passes, whatever the origin`() throws {
        let key = try token()
        for method in [HTTP.Method.get, .post, .delete] {
            let byHeader = ask(Browser(world), .call, method) {
                $0.header.authorization = "Token \(key)"
                $0.header.origin = "https://evil.example"
            }
            #expect(byHeader.status == .noContent)
            #expect(byHeader.values("Remote-User") == ["ada@example.org"])
            #expect(ask(Browser(world), .call, method) { $0.header.apiKey = key }.status == .noContent)
        }
        let wrong = ask(Browser(world), .call) { $0.header.authorization = "Token \(key)x" }
        #expect(wrong.status == .unauthorized)
        #expect(wrong.values("Gate-Detail") == ["Invalid token."])
    }

    private static let unsafe: [(GateQuestion, HTTP.Method)] = [
        (.call, .post), (.call, .put), (.call, .patch), (.call, .delete), (.page, .post),
        (.call, .other("PROPFIND")), (.handshake, .get),
    ]
    private static let foreign: [(origin: String?, fetchSite: String?)] = [
        (nil, nil), ("https://evil.example", nil), ("null", nil), ("http://labels.example", nil),
        (nil, "cross-site"), (nil, "same-site"), (nil, "none"), ("http://labels.example:8080", "cross-site"),
    ]

    @Test(arguments: unsafe, foreign)
    func `what could do something passes by cookie from our own pages only`(
        act: (GateQuestion, HTTP.Method), from: (origin: String?, fetchSite: String?)
    ) {
        let response = ask(owner, act.0, act.1) {
            $0.header.origin = from.origin
            $0.header.secFetchSite = from.fetchSite
        }
        #expect(response.status == .forbidden)
        #expect(names(response) == ["Gate-Detail"])
        #expect(world.events.last?.name == "foreign-request")
        #expect(world.events.last?.fields.contains { $0.name == "path" && $0.value == "/tools" } ?? false)
    }

    @Test(arguments: unsafe)
    func `from our own pages it passes`(question: GateQuestion, method: HTTP.Method) {
        let ours = owner.origin
        #expect(ask(owner, question, method) { $0.header.origin = ours }.status == .noContent)
        #expect(ask(owner, question, method) { $0.header.secFetchSite = "same-origin" }.status == .noContent)
    }

    @Test func `reading passes from anywhere, since the browser decides who sees it`() {
        for method in [HTTP.Method.get, .head, .options] {
            let response = ask(owner, .page, method) { $0.header.secFetchSite = "cross-site" }
            #expect(response.status == .noContent)
        }
    }

    @Test func `cookies of ours stay here, others pass in their order`() {
        let session = owner.cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
        let cookies = { (text: String) in
            ask(owner) { $0.header.cookie = text }.values("Gate-Cookie")
        }
        #expect(cookies(session).isEmpty)
        #expect(cookies("a=1; \(session); sessionid2=2") == ["a=1; sessionid2=2"])
        #expect(
            cookies(
                "\(session); __Host-sessionid=x; a=\"1\"; sessionid=again; __Host-sessionid-0a1b2c3d=x; b=")
                == ["a=\"1\"; b="])
        let ours = "known-browser=x;__Secure-known-browser=y ; label_studio_appearance=dark"
        #expect(cookies("\(session); \(ours);; sessionid =z; c") == ["c"])
    }

    @Test func `the site is kept from setting the cookie of the session`() throws {
        #expect(ask(owner).values("Gate-Session") == ["sessionid"])
        #expect(ask(owner).values("Gate-Session-Flag") == ["secure"])
        let world = try World(address: "https://labels.example", cookieName: "other")
        let ada = Browser.member("ada@example.org", in: world) {
            $0.scheme = "https"
            $0.host = "labels.example"
        }
        #expect(ask(ada).values("Gate-Session") == ["__Host-other"])
        #expect(ask(ada).values("Gate-Session-Flag") == ["nosecure"])
    }

    @Test func `whatever ends a session ends it for the very next request`() throws {
        let member = Browser.member("grace@example.org", in: world)
        let grace = try #require(try world.accounts.userID(email: EmailAddress(parsing: "grace@example.org")))
        #expect(ask(member).status == .noContent)
        try world.accounts.deactivate(grace, by: .commandLine, from: .commandLine)
        #expect(ask(member).status == .unauthorized)
        let copy = owner.copy()
        owner.get("/logout")
        owner.post("/logout")
        #expect(ask(copy).status == .unauthorized)
    }

    @Test func `whoever begins a WebSocket is remembered, once for each session or token`() throws {
        let ours = owner.origin
        let begin = { [world, owner] (change: (inout Request) -> Void) in
            let response = owner.send(.get, "/tools/socket") { request in
                request.gate = .handshake
                change(&request)
            }
            return (response.status, world.site.webSockets.all.count)
        }
        _ = ask(owner)
        #expect(begin { _ in } == (.forbidden, 0))
        for _ in 0..<3 { #expect(begin { $0.header.origin = ours } == (.noContent, 1)) }
        let key = try token()
        for _ in 0..<2 { #expect(begin { $0.header.apiKey = key } == (.noContent, 2)) }
        #expect(begin { $0.header.apiKey = key + "x" } == (.unauthorized, 2))
    }

    @Test func `of too many sessions with WebSockets the first are forgotten, which is said once`() throws {
        let sockets = OpenWebSockets(capacity: 2)
        let people = try ["a", "b", "c", "d"].map { name in
            let email = try EmailAddress(parsing: "\(name)@example.org")
            _ = Browser.member(email.text, in: world)
            let user = try #require(try world.accounts.userID(email: email))
            return try #require(
                try world.accounts.requester(apiToken: world.accounts.apiToken(of: user))
            ).access
        }
        #expect(sockets.note(people[0]) && sockets.note(people[1]) && sockets.note(people[0]))
        #expect(!sockets.note(people[2]))
        #expect(Set(sockets.all) == [people[0], people[2]], "the one that was seen last stays")
        #expect(sockets.note(people[3]))
        sockets.forget([people[2]])
        #expect(sockets.all == [people[3]])
    }

    @Test func `a request counts as a visit, at most once a minute`() throws {
        let seen = { [world] in
            try world.database.read { connection in
                try connection.row("SELECT last_seen_at FROM session")!.integer(0)
            }
        }
        let before = try seen()
        world.pass(seconds: 59)
        _ = ask(owner)
        #expect(try seen() == before)
        world.pass(seconds: 1)
        _ = ask(owner)
        #expect(try seen() == before + 60_000_000)
    }

    @Test func `who guesses tokens waits, and those who have one do not`() throws {
        let key = try token()
        let good: (inout Request) -> Void = { $0.header.apiKey = key }
        #expect(ask(Browser(world), .call, .get, "/tools/", good).status == .noContent)
        var last: Response?
        for number in 0..<60 {
            last = ask(Browser(world), .call) { $0.header.apiKey = "guess\(number)" }
        }
        #expect(last?.status == .forbidden)
        #expect(last?.values("Retry-After").first.flatMap { Int($0) } ?? 0 > 0)
        #expect(ask(Browser(world), .call, .get, "/tools/", good).status == .noContent)
    }

    @Test func `a fault of ours lets nobody in`() throws {
        world.database.fail(.init(text: "FROM organization", error: DatabaseError(.busy, "held")))
        let response = ask(owner)
        #expect(response.status == .internalServerError || response.status == .serviceUnavailable)
        #expect(response.body.isEmpty && response.fields.isEmpty)
    }

    @Test func `an address of ours asked for at the gate is no page of ours`() {
        let response = ask(owner, .call, .post, "/user/login/") { $0.header.secFetchSite = "same-origin" }
        #expect(response.status == .noContent)
        var request = Request(method: .post, target: "/user/login/")
        #expect(world.site.lane(of: request) == .slow)
        request.gate = .call
        #expect(world.site.lane(of: request) == .ordinary)
    }

    @Test func `it is counted apart from our own pages`() {
        _ = ask(owner)
        _ = ask(Browser(world))
        let found = world.site.figures.current.requests.filter { $0.route == "gate" }
        let counts = Dictionary(uniqueKeysWithValues: found.map { ($0.status, $0.count) })
        #expect(counts == [.noContent: 1, .unauthorized: 1])
    }
}

internal import Glibc
internal import HTTP
internal import JWT
internal import Secrets
internal import Threads

/// What a Label Studio 1.23.2 answers to the calls that the program makes, as far as
/// a test of them needs it. The end-to-end tests ask a real one.
public final class CannedLabelStudio: Sendable {
    public struct Person: Sendable {
        public let id: Int64
        public let email: String
        public var password: String
        public var firstName = ""
        public var lastName = ""
        public var isInOrganization = true
        public var isActive = true
    }

    /// What a test changes.
    public struct State: Sendable {
        public var people: [Person] = []
        public var key = Array("the key of that Label Studio".utf8)
        public var version = "1.23.2"
        public var createdAt = "2026-01-02T03:04:05.678901Z"
        public var isSignUpOpen = true
        /// Whether it answers at all.
        public var isUp = true
        /// How long a sign-up takes, in microseconds.
        public var signUpTime: UInt32 = 0
    }

    private let stored: Locked<State>
    private let server: CannedServer

    public init() {
        let stored = Locked(State())
        self.stored = stored
        server = CannedServer { Self.answer($0, stored) }
    }

    public var address: String { "http://127.0.0.1:\(server.port ?? 0)" }

    /// The requests so far: method and path.
    public var requests: [String] {
        server.requests.map {
            $0.split(separator: " ").prefix(2).joined(separator: " ")
        }
    }

    public var people: [Person] { stored.withLock { $0.people } }

    public func change(_ body: (inout State) -> Void) {
        stored.withLock { body(&$0) }
    }

    /// Somebody who was there before.
    public func add(
        _ email: String, _ password: String = "there", _ change: (inout Person) -> Void = { _ in }
    ) {
        stored.withLock { state in
            var person = Person(id: Int64(state.people.count + 1), email: email, password: password)
            change(&person)
            state.people.append(person)
        }
    }

    private struct Call {
        let method: String
        let path: [Substring]
        let query: Substring
        let cookie: Substring
        let bearer: Substring?
        let body: Substring

        init?(_ request: String) {
            guard let end = request.firstRange(of: "\r\n\r\n") else { return nil }
            let lines = request[..<end.lowerBound].split(separator: "\r\n")
            let words = lines[0].split(separator: " ")
            guard words.count == 3 else { return nil }
            method = String(words[0])
            let parts = words[1].split(separator: "?", maxSplits: 1)
            path = parts[0].split(separator: "/")
            query = parts.count > 1 ? parts[1] : ""
            cookie = lines.first { $0.hasPrefix("Cookie: ") } ?? ""
            bearer = lines.first { $0.hasPrefix("Authorization: Bearer ") }?.dropFirst(22)
            body = request[end.upperBound...]
        }
    }

    private static func answer(_ request: String, _ stored: Locked<State>) -> CannedServer.Reply {
        guard let call = Call(request) else { return .bytes("") }
        let state = stored.withLock { $0 }
        guard state.isUp else { return .bytes("") }
        switch (call.method, call.path.joined(separator: "/")) {
        case ("GET", "api/version"): return .page(#"{"release":"\#(state.version)"}"#)
        case ("POST", "api/token/refresh"): return refresh(call, state)
        case ("GET", "user/signup"), ("GET", "user/login"): return .page("<form>", "Set-Cookie: csrftoken=t")
        case ("POST", "user/signup"):
            if state.signUpTime > 0 { usleep(state.signUpTime) }
            return stored.withLock { signUp(call, &$0) }
        case ("POST", "user/login"): return stored.withLock { logIn(call, &$0) }
        default: return stored.withLock { answerAPI(call, &$0) }
        }
    }

    private static func refresh(_ call: Call, _ state: State) -> CannedServer.Reply {
        let value = try? JSON(parsing: Array(call.body.utf8))
        guard case .string(let text)? = value?["refresh"], user(text[...], state) != nil else {
            return .page(#"{"detail":"Token is invalid"}"#, status: 401)
        }
        return .page(#"{"detail":"Token has wrong type"}"#, status: 401)
    }

    private static func user(_ token: Substring, _ state: State) -> Int64? {
        guard let token = JSONWebToken(parsing: String(token)),
            token.isGenuine({ authenticate($0, key: state.key) }),
            case .string(let number)? = token.claims["user_id"]
        else { return nil }
        return Int64(number)
    }

    private static func signUp(_ call: Call, _ state: inout State) -> CannedServer.Reply {
        guard state.isSignUpOpen || call.query == "token=invitation", let form = Form(parsing: call.body)
        else {
            return .page("", status: 403)
        }
        let (email, password) = (form["email"] ?? "", form["password"] ?? "")
        if email.isEmpty { return .page("<form>") }
        if state.people.contains(where: { $0.email == email }) {
            return .page("<li>User with this email already exists</li>")
        }
        let person = Person(id: Int64(state.people.count + 1), email: email, password: password)
        state.people.append(person)
        return .page("", status: 302, "Location: /", "Set-Cookie: sessionid=\(person.id)")
    }

    /// Whoever was removed belongs to the organization again, as in the real one.
    private static func logIn(_ call: Call, _ state: inout State) -> CannedServer.Reply {
        let form = Form(parsing: call.body)
        let index = state.people.firstIndex {
            $0.email == form?["email"] && $0.password == form?["password"] && $0.isActive
        }
        guard let index else { return .page("<form>") }
        state.people[index].isInOrganization = true
        return .page("", status: 302, "Location: /", "Set-Cookie: sessionid=\(state.people[index].id)")
    }

    private static func answerAPI(_ call: Call, _ state: inout State) -> CannedServer.Reply {
        let session = call.cookie.firstRange(of: "sessionid=").flatMap {
            Int64(call.cookie[$0.upperBound...])
        }
        let number = call.bearer.map { user($0, state) } ?? session
        guard let me = state.people.first(where: { $0.id == number && $0.isActive }) else {
            return .page("{}", status: 401)
        }
        guard me.isInOrganization else { return .page("", status: 500) }
        switch (call.method, call.path.count, call.path.dropFirst().first) {
        case ("GET", 3, "current-user"): return .page(json(me))
        case ("GET", 2, "invite"): return .page(#"{"token":"invitation"}"#)
        case ("GET", 2, "users"):
            return .page("[" + state.people.map(json).joined(separator: ",") + "]")
        case ("GET", 3, "organizations"):
            return .page(#"{"id":1,"title":"T","created_at":"\#(state.createdAt)"}"#)
        case ("PATCH", 3, "users"): return rename(call, &state)
        case ("DELETE", 5, "organizations"): return remove(call, by: me, &state)
        default: return .page("", status: 404)
        }
    }

    private static func rename(_ call: Call, _ state: inout State) -> CannedServer.Reply {
        guard let value = try? JSON(parsing: Array(call.body.utf8)),
            let index = state.people.firstIndex(where: { "\($0.id)" == call.path[2] }),
            case .string(let firstName)? = value["first_name"],
            case .string(let lastName)? = value["last_name"]
        else { return .page("{}", status: 400) }
        state.people[index].firstName = firstName
        state.people[index].lastName = lastName
        return .page(json(state.people[index]))
    }

    private static func remove(_ call: Call, by me: Person, _ state: inout State) -> CannedServer.Reply {
        let index = state.people.firstIndex { "\($0.id)" == call.path[4] && $0.isInOrganization }
        guard let index else { return .page("{}", status: 404) }
        guard state.people[index].id != me.id else { return .page("{}", status: 405) }
        state.people[index].isInOrganization = false
        return .page("", status: 204)
    }

    private static func json(_ person: Person) -> String {
        """
        {"id":\(person.id),"email":"\(person.email)","first_name":"\(person.firstName)",\
        "last_name":"\(person.lastName)","active_organization":\(person.isInOrganization ? "1" : "null")}
        """
    }
}

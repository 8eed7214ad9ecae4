internal import HTTP
public import Secrets

/// A Label Studio, as one talks to it that has its key: no page and no account of
/// its own is needed. The calls are those of version 1.23.2.
public struct LabelingServer: Sendable {
    public let address: UpstreamAddress
    private let key: UpstreamKey
    private let randomness: Randomness
    /// Seconds since 1970.
    private let now: @Sendable () -> Int64
    let limits: Conversation.Limits

    public init(
        at address: UpstreamAddress, key: UpstreamKey, randomness: Randomness,
        now: @escaping @Sendable () -> Int64
    ) {
        self.init(at: address, key: key, randomness: randomness, now: now, limits: Conversation.Limits())
    }

    init(
        at address: UpstreamAddress, key: UpstreamKey, randomness: Randomness,
        now: @escaping @Sendable () -> Int64, limits: Conversation.Limits
    ) {
        self.address = address
        self.key = key
        self.randomness = randomness
        self.now = now
        self.limits = limits
    }

    /// An account there.
    public struct Person: Sendable, Equatable {
        public let id: Int64
        public let email: String
        /// Nil: it belongs to none, or not any more.
        public let organization: Int64?
        /// First and last, as far as there are any.
        public var name = ""
    }

    public struct Organization: Sendable, Equatable {
        public let id: Int64
        public let title: String
        /// In RFC 3339.
        public let createdAt: String
    }

    public func version() throws(UpstreamFailure) -> String {
        let answer = try conversation().send("GET", "/api/version")
        guard answer.status == 200, let release = json(answer)?["release"]?.text else {
            throw answer.unexpected("GET /api/version")
        }
        return release
    }

    /// Whether the key is its own. Nobody has to have an account there: an access
    /// token where another kind is meant is refused in words that tell whether it is
    /// genuine, and nothing is made.
    public func checkKey() throws(UpstreamFailure) {
        let token = key.accessToken(for: 1, now: now(), randomness: randomness)
        let answer = try conversation().send(
            "POST", "/api/token/refresh/", ["Content-Type: application/json"],
            body: JSON.object([JSON.Member("refresh", .string(token))]).encoded)
        switch (answer.status, json(answer)?["detail"]?.text) {
        case (401, "Token has wrong type"): return
        case (401, "Token is invalid"), (401, "Token is invalid or expired"): throw .wrongKey
        default: throw answer.unexpected("POST /api/token/refresh/")
        }
    }

    /// How an account stands there.
    public enum Standing: Sendable, Equatable {
        case letIn(Person)
        /// There is no such account, or it is inactive, or its organization has
        /// switched personal access tokens off.
        case unknown
        /// It was removed from the organization there.
        case withoutOrganization
    }

    public func standing(of user: Int64) throws(UpstreamFailure) -> Standing {
        let answer = try ask("/api/current-user/whoami", as: user)
        switch answer.status {
        case 401: return .unknown
        // Whoever was removed there gets 500: nothing is let in without organization.
        case 500: return .withoutOrganization
        default: return .letIn(try person(in: answer))
        }
    }

    /// Who somebody is there; nil if he is not let in.
    public func person(_ user: Int64) throws(UpstreamFailure) -> Person? {
        guard case .letIn(let person) = try standing(of: user) else { return nil }
        return person
    }

    /// Everybody with an account there whom this person sees.
    public func people(as user: Int64) throws(UpstreamFailure) -> [Person] {
        let answer = try ask("/api/users/", as: user)
        guard answer.status != 401 else { throw .unknownUser(user) }
        guard answer.status == 200, case .array(let list) = json(answer) else {
            throw answer.unexpected("GET /api/users/")
        }
        return list.compactMap(Person.init)
    }

    public func organization(_ id: Int64, as user: Int64) throws(UpstreamFailure) -> Organization {
        let answer = try ask("/api/organizations/\(id)", as: user)
        guard answer.status != 401 else { throw .unknownUser(user) }
        guard answer.status == 200, let value = json(answer), let id = value["id"]?.number,
            let createdAt = value["created_at"]?.text
        else { throw answer.unexpected("GET /api/organizations/\(id)") }
        return Organization(id: id, title: value["title"]?.text ?? "", createdAt: createdAt)
    }

    /// Whether somebody without a link could make himself an account there, past
    /// the gate. An empty form tells, and makes none.
    public func isSignUpOpen() throws(UpstreamFailure) -> Bool {
        let conversation = try conversation()
        let answer = try post(["email": "", "password": ""], to: "/user/signup/", in: conversation)
        switch answer.status {
        case 200: return true
        case 403: return false
        default: throw answer.unexpected("POST /user/signup/")
        }
    }

    /// What the invite link of the organization ends with, as a member sees it.
    public func invitation(as user: Int64) throws(UpstreamFailure) -> String {
        let answer = try ask("/api/invite", as: user)
        guard answer.status != 401 else { throw .unknownUser(user) }
        guard answer.status == 200, let token = json(answer)?["token"]?.text, !token.isEmpty else {
            throw answer.unexpected("GET /api/invite")
        }
        return token
    }

    /// Makes an account there, as a visitor does.
    ///
    /// - Parameter invitation: nil: without a link.
    public func signUp(
        email: String, password: String, invitation: String?
    ) throws(UpstreamFailure) -> Person {
        let query = invitation.map { "?token=" + PercentCoding.encode($0) } ?? ""
        let conversation = try conversation()
        let answer = try post(
            ["email": email, "password": password, "allow_newsletters": "false"], to: "/user/signup/" + query,
            in: conversation)
        if answer.isRedirect { return try person(in: conversation.send("GET", "/api/current-user/whoami")) }
        // It says so in English only.
        if answer.status == 200, answer.contains("User with this email already exists") { throw .emailTaken }
        throw answer.status == 403 ? .signUpRefused : answer.unexpected("POST /user/signup/")
    }

    /// Who has this password there; nil: nobody.
    public func logIn(email: String, password: String) throws(UpstreamFailure) -> Person? {
        let conversation = try conversation()
        let answer = try post(["email": email, "password": password], to: "/user/login/", in: conversation)
        if answer.status == 200 { return nil }
        guard answer.isRedirect else { throw answer.unexpected("POST /user/login/") }
        return try person(in: conversation.send("GET", "/api/current-user/whoami"))
    }

    /// Gives a person there the names that he has here.
    public func rename(_ user: Int64, firstName: String, lastName: String) throws(UpstreamFailure) {
        let answer = try conversation().send(
            "PATCH", "/api/users/\(user)/",
            ["Authorization: " + authorization(of: user), "Content-Type: application/json"],
            body: JSON.object([
                JSON.Member("first_name", .string(firstName)), JSON.Member("last_name", .string(lastName)),
            ]).encoded)
        guard answer.status != 401 else { throw .unknownUser(user) }
        guard answer.status == 200 else { throw answer.unexpected("PATCH /api/users/\(user)/") }
    }

    /// Takes a person out of an organization there. His account stays, and is let in
    /// nowhere any more.
    ///
    /// - Parameter member: another one of that organization, who does it.
    /// - Returns: whether he was in it.
    public func remove(
        _ user: Int64, from organization: Int64, as member: Int64
    ) throws(UpstreamFailure) -> Bool {
        let answer = try conversation().send(
            "DELETE", "/api/organizations/\(organization)/memberships/\(user)/",
            ["Authorization: " + authorization(of: member)])
        switch answer.status {
        case 204: return true
        case 404: return false
        case 401: throw .unknownUser(member)
        default: throw answer.unexpected("DELETE /api/organizations/\(organization)/memberships/\(user)/")
        }
    }

    private func conversation() throws(UpstreamFailure) -> Conversation {
        try Conversation(with: address, limits: limits)
    }

    /// What `Authorization` says of a person in a request there. Nothing is asked.
    public func authorization(of user: Int64) -> String {
        "Bearer " + key.accessToken(for: user, now: now(), randomness: randomness)
    }

    private func ask(_ path: String, as user: Int64) throws(UpstreamFailure) -> Conversation.Answer {
        try conversation().send("GET", path, ["Authorization: " + authorization(of: user)])
    }

    /// Fetches a form and sends it: its token is in the cookie that comes with it.
    private func post(
        _ fields: [String: String], to path: String, in conversation: Conversation
    ) throws(UpstreamFailure) -> Conversation.Answer {
        let page = try conversation.send("GET", path)
        guard page.status == 200, let token = conversation.cookies["csrftoken"] else {
            throw page.unexpected("GET \(path.prefix { $0 != "?" })")
        }
        let form = (fields.sorted { $0.key < $1.key } + [("csrfmiddlewaretoken", token)])
            .map { "\($0.0)=\(PercentCoding.encode($0.1))" }.joined(separator: "&")
        return try conversation.send("POST", path, body: Array(form.utf8))
    }

    private func person(in answer: Conversation.Answer) throws(UpstreamFailure) -> Person {
        guard answer.status == 200, let person = json(answer).flatMap(Person.init) else {
            throw answer.unexpected("GET /api/current-user/whoami")
        }
        return person
    }

    private func json(_ answer: Conversation.Answer) -> JSON? {
        do {
            return try JSON(parsing: answer.body)
        } catch {
            // Whoever asks says what was expected instead.
            return nil
        }
    }
}

extension LabelingServer.Person {
    init?(_ value: JSON) {
        guard let id = value["id"]?.number, let email = value["email"]?.text else { return nil }
        self.id = id
        self.email = email
        organization = value["active_organization"]?.number
        name = ["first_name", "last_name"].compactMap { value[$0]?.text }.filter { !$0.isEmpty }
            .joined(separator: " ")
    }
}

extension Conversation.Answer {
    /// - Parameter request: what it answers, without anything secret.
    fileprivate func unexpected(_ request: String) -> UpstreamFailure {
        .unexpected("it answered \(request) with status \(status), and not as a Label Studio does")
    }

    fileprivate func contains(_ text: String) -> Bool {
        String(decoding: body, as: UTF8.self).contains(text)
    }
}

extension JSON {
    fileprivate var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    fileprivate var number: Int64? {
        guard case .integer(let number) = self else { return nil }
        return number
    }
}

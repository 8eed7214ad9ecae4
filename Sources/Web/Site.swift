public import Accounts
public import Enrollment
public import HTTP
public import Secrets
public import Templates

/// The whole site: a request goes in, a response comes out. It knows nothing of
/// sockets; tests call it as the FastCGI responder does.
public final class Site: Sendable {
    let accounts: Accounts
    let templates: PageTemplates
    let messages: Messages
    let apiDescription: APIDescription
    let addresses: Addresses
    let settings: Settings
    let formTokens: FormTokens
    let knownBrowsers: KnownBrowsers
    let accessTokens: AccessTokens
    let crossOrigin: CrossOrigin
    let cookieNames: CookieNames
    let throttle: Throttle
    let figures: Figures
    /// Nil if there is none behind the gate.
    public let labelingServer: Enroller?
    let auditBounds: AuditBounds
    let webSockets: OpenWebSockets
    let checkup = Checkup()
    let now: @Sendable () -> Timestamp
    let randomness: Randomness
    let log: @Sendable (Event) -> Void
    /// Nil if nobody wants a line for each request.
    let logRequest: (@Sendable (RequestLine) -> Void)?

    /// What the operator decides about the site.
    public struct Settings: Sendable {
        /// Before prefixes: two installations on one host need two names.
        public var sessionCookieName: String
        /// The program's version, as the API reports it.
        public var version: String
        /// Other sites whose pages may call the API, as browsers name them.
        public var allowedOrigins: [String]
        /// Whether the administration of the labeling server is open to whom it lets in.
        public var isLabelingServerAdminOpen: Bool

        public init(
            sessionCookieName: String, version: String, allowedOrigins: [String] = [],
            isLabelingServerAdminOpen: Bool = false
        ) {
            self.sessionCookieName = sessionCookieName
            self.version = version
            self.allowedOrigins = allowedOrigins
            self.isLabelingServerAdminOpen = isLabelingServerAdminOpen
        }
    }

    /// The subkeys of what browsers keep for us.
    public struct Keys: Sendable {
        let formToken: Subkey
        let knownBrowser: Subkey
        let webToken: Subkey

        public init(_ key: MasterKey) {
            formToken = key.subkey(for: .formToken)
            knownBrowser = key.subkey(for: .knownBrowser)
            webToken = key.subkey(for: .webToken)
        }
    }

    public init(
        accounts: Accounts, templates: PageTemplates, messages: Messages, apiDescription: APIDescription,
        addresses: Addresses, settings: Settings, throttle: Throttle,
        auditBounds: AuditBounds = AuditBounds(), figures: Figures = Figures(),
        webSockets: OpenWebSockets = OpenWebSockets(),
        labelingServer: Enroller? = nil,
        keys: Keys,
        randomness: Randomness,
        now: @escaping @Sendable () -> Timestamp,
        log: @escaping @Sendable (Event) -> Void,
        logRequest: (@Sendable (RequestLine) -> Void)? = nil
    ) {
        self.accounts = accounts
        self.templates = templates
        self.messages = messages
        self.apiDescription = apiDescription
        self.addresses = addresses
        self.settings = settings
        self.throttle = throttle
        self.auditBounds = auditBounds
        self.figures = figures
        self.webSockets = webSockets
        self.labelingServer = labelingServer
        formTokens = FormTokens(key: keys.formToken)
        knownBrowsers = KnownBrowsers(key: keys.knownBrowser)
        accessTokens = AccessTokens(key: keys.webToken)
        cookieNames = CookieNames(session: settings.sessionCookieName)
        crossOrigin = CrossOrigin(origins: settings.allowedOrigins)
        self.now = now
        self.randomness = randomness
        self.log = log
        self.logRequest = logRequest
    }

    /// Answers any request, however long it takes.
    public func answer(_ request: consuming Request) -> Response {
        switch answer(request, isHurried: false) {
        case .now(let response): return response
        case .later: preconditionFailure("nobody was in a hurry")
        }
    }

    /// Answers a request in a thread that must not wait, if that can be.
    public func answerAtOnce(_ request: consuming Request) -> Answer {
        answer(request, isHurried: true)
    }

    private func answer(_ request: consuming Request, isHurried: Bool) -> Answer {
        if let hint = addresses.hint(about: request) { log(hint) }
        let beginning = logRequest == nil ? nil : now()
        let visit = visit(of: request)
        if let question = visit.request.gate {
            let response = answerGate(question, visit, isHurried: isHurried, beginning: beginning)
            return response.map(Answer.now) ?? .later(visit.request)
        }
        return .now(answerVisit(visit, beginning: beginning))
    }

    private func answerVisit(_ visit: Visit, beginning: Timestamp?) -> Response {
        var response: Response
        do {
            // The API looks for a token in a header first; /health has to answer
            // whatever state the database is in.
            if !visit.isAPI, visit.path?.segments != ["health"] { visit.standing = try standing(of: visit) }
            response = try answer(visit)
        } catch {
            response = failure(error, visit)
        }
        addCommonFields(to: &response)
        crossOrigin.addFields(to: &response, visit)
        if visit.request.isFromInside { return response }
        figures.count(response.status, route: visit.route)
        log(visit, response.status, since: beginning)
        return response
    }

    /// - Parameter beginning: nil if nobody wants a line.
    func log(_ visit: Visit, _ status: Status, since beginning: Timestamp?) {
        guard let logRequest, let beginning else { return }
        logRequest(RequestLine(visit, status, beginning: beginning, end: now()))
    }

    /// Whether a request takes long, or may wait for the labeling server.
    public func lane(of request: Request) -> Lane {
        // Most requests are decided by their method.
        guard request.gate == nil, request.method == .post || labelingServer != nil,
            let route = visit(of: request).path.flatMap(Route.matching)?.route
        else { return .ordinary }
        if route.asksLabelingServer, labelingServer != nil { return .waiting }
        return route.isSlow && request.method == .post ? .slow : .ordinary
    }

    /// Whether some requests wait for another program.
    public var waits: Bool { labelingServer != nil }

    /// Whether a request may bring a file, and be longer than others.
    public func mayBringFile(_ method: Method, _ target: String) -> Bool {
        guard method == .post else { return false }
        return visit(of: Request(method: method, target: target)).path.flatMap(Route.matching)?.route
            .takesFile ?? false
    }

    /// The answer when too many requests that take long wait already.
    public func refuse(_ request: Request) -> Response {
        let visit = visit(of: request)
        var response = errorPage(.serviceUnavailable, visit)
        figures.count(response.status, route: visit.path.flatMap(Route.matching)?.index)
        response.add("Retry-After", "5")
        addCommonFields(to: &response)
        note(
            .warning, "overloaded", visit,
            [("path", visit.loggedPath), ("reference", reference(of: visit))])
        if let logRequest {
            let instant = now()
            logRequest(RequestLine(visit, response.status, beginning: instant, end: instant))
        }
        return response
    }

    func visit(of request: consuming Request) -> Visit {
        let address = addresses.address(of: request)
        let target = Target(parsing: request.target)
        let client = addresses.clientText(of: request)
        // A guarded site has the path that it has.
        let prefix = request.gate == nil ? address.prefixSegments : []
        var path = target.path?.removing(prefix: prefix)
        var mount = ""
        if !ownPages.isEmpty, request.gate == nil, let full = path,
            full.segments.starts(with: Self.ownSegments),
            Route.matching(full) == nil
        {
            path = full.removing(prefix: Self.ownSegments)
            mount = ownPages
        }
        return Visit(
            request: request, client: client, address: address, path: path, mount: mount, ownPages: ownPages,
            rawQuery: target.query)
    }

    func standing(of visit: Visit) throws -> Standing {
        let cookies = Cookies(header: visit.request.header.cookie)
        let session = cookies[sessionCookieName(for: visit.address)].map(SecretToken.init(claimed:))
        let standing =
            visit.address.isSiteHost
            ? try accounts.standing(
                siteSession: session, at: visit.address.host, from: client(of: visit))
            : try accounts.standing(session: session, from: client(of: visit))
        if let failure = standing.noteFailure {
            note(.warning, "visit-not-noted", visit, [("error", "\(failure)")])
        }
        return standing
    }
}

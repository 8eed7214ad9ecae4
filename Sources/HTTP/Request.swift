/// One request, as the web server passed it on.
public struct Request: Sendable {
    public var method: Method
    /// The request target as it was sent: path and query, still encoded.
    public var target: String
    /// `http` or `https`: how the client reached the web server in front of us.
    public var scheme: String
    /// The peer of the web server: an IPv4 or IPv6 address.
    public var remoteAddress: String
    public var header: Header
    public var body: Body
    /// What the web server calls this request in its log, and on pages of its own.
    public var reference: String?
    /// Whether the program asks itself, to see that it answers: nobody's visit.
    public var isFromInside = false
    /// Set if the web server asks whether this request for another site may pass;
    /// nil if the request is for us. No client can set it.
    public var gate: GateQuestion?
    /// Whether that other site is the labeling server, which is told who somebody is
    /// by a token of its own.
    public var isForLabelingServer = false

    public init(
        method: Method, target: String, scheme: String = "http", remoteAddress: String = "",
        header: Header = Header(), body: Body = .complete([])
    ) {
        self.method = method
        self.target = target
        self.scheme = scheme
        self.remoteAddress = remoteAddress
        self.header = header
        self.body = body
    }

    /// The header fields that the product reads; there are no others.
    public struct Header: Sendable {
        public var host: String?
        public var cookie: String?
        public var contentType: String?
        public var origin: String?
        public var secFetchSite: String?
        public var userAgent: String?
        public var authorization: String?
        public var apiKey: String?
        public var csrfToken: String?
        public var forwardedFor: String?
        public var forwardedProto: String?
        public var forwardedHost: String?

        public init() {}
    }

    public enum Body: Sendable {
        case complete([UInt8])
        /// Longer than we read.
        case tooLarge
        /// It ended before the length that was announced.
        case cutOff
    }
}

/// The other end of an act, as far as the list of sessions and the audit keep it.
public struct Client: Sendable {
    /// An IP address, or "" if not even the web server knows it.
    public let address: String
    /// What a browser says of itself; at most `userAgentLimit` bytes of it.
    public let userAgent: String

    static let userAgentLimit = 300

    public init(address: String, userAgent: String) {
        self.address = address
        self.userAgent = String(decoding: userAgent.utf8.prefix(Self.userAgentLimit), as: UTF8.self)
    }

    /// The person who runs the server, at its command line.
    public static let commandLine = Client(address: "command line", userAgent: "")
}

internal import Database
internal import Secrets

/// A browser as another host of ours knows it before anybody has come there: by
/// the secret in its cookie, of which others see the hash.
public struct SiteBrowser: Sendable {
    let hash: [UInt8]

    public init(secret: SecretToken) {
        hash = secret.hash
    }

    /// Nil if it is no such hash.
    public init?(parsing text: String) {
        guard let hash = Encoding.decodeBase64URL(text), hash.count == 32 else { return nil }
        self.hash = hash
    }

    /// As it stands in a link.
    public var text: String { Encoding.base64URL(hash) }
}

/// What a session is known by on another host of ours: a secret of its own, which
/// ends with the session.
public struct SiteSession: Sendable {
    public let token: SecretToken
    /// See `NewSession`.
    public let isPersistent: Bool
    public let policy: SessionPolicy
}

extension Accounts {
    /// How long a ticket works, in seconds.
    public static let ticketLifetime: Int64 = 30
    /// Tickets of one session at once; the oldest ends.
    static let ticketLimit: Int64 = 20
    /// What one session is known by on one host, at once: as many as a browser may
    /// ask for when it opens several pages.
    static let siteSessionLimit: Int64 = 8

    /// The ticket is for another host or browser, is too old, was used, or never was one.
    public struct TicketRefused: Error {}

    /// A secret that a browser gets before it goes for a ticket.
    public func newBrowserSecret() -> SecretToken {
        SecretToken(from: randomness)
    }

    /// Makes a ticket by which one browser is known on one other host of ours, once.
    public func makeTicket(
        to host: String, for browser: SiteBrowser, by visitor: Visitor, from client: Client
    ) throws -> SecretToken {
        let ticket = SecretToken(from: randomness)
        let session = visitor.sessionID
        try act(by: .requester(visitor.requester), from: client) { act in
            try act.connection.rows(
                """
                DELETE FROM site_ticket WHERE session_hash = \(session) AND token_hash NOT IN
                (SELECT token_hash FROM site_ticket WHERE session_hash = \(session)
                 AND expires_at > \(act.instant) ORDER BY expires_at DESC LIMIT \(Self.ticketLimit - 1))
                """)
            try act.connection.rows(
                """
                INSERT INTO site_ticket (token_hash, session_hash, host, browser_hash, expires_at)
                VALUES (\(ticket.hash), \(session), \(host), \(browser.hash),
                        \(act.instant + Self.ticketLifetime))
                """)
        }
        return ticket
    }

    /// Uses a ticket up.
    ///
    /// - Throws: `TicketRefused` or `DatabaseError`.
    public func redeem(
        _ ticket: SecretToken, at host: String, by browser: SiteBrowser, from client: Client
    ) throws -> SiteSession {
        let token = SecretToken(from: randomness)
        return try act(from: client) { act in
            let connection = act.connection
            let used = try connection.row(
                """
                DELETE FROM site_ticket WHERE token_hash = \(ticket.hash) AND host = \(host)
                AND browser_hash = \(browser.hash) AND expires_at > \(act.instant)
                RETURNING session_hash
                """)
            guard let session = try used?.bytes(0), let organization = try connection.organization() else {
                throw TicketRefused()
            }
            try connection.rows(
                """
                DELETE FROM site_session WHERE session_hash = \(session) AND host = \(host)
                AND token_hash NOT IN
                (SELECT token_hash FROM site_session WHERE session_hash = \(session) AND host = \(host)
                 ORDER BY created_at DESC LIMIT \(Self.siteSessionLimit - 1))
                """)
            try connection.rows(
                """
                INSERT INTO site_session (token_hash, session_hash, host, created_at)
                VALUES (\(token.hash), \(session), \(host), \(act.instant))
                """)
            return SiteSession(
                token: token, isPersistent: try isPersistent(session, connection: connection),
                policy: organization.sessionPolicy)
        }
    }

    /// The hash of the session that is known by this on another host of ours.
    func session(
        ofSiteSession token: SecretToken, at host: String, _ connection: any Connection
    ) throws -> [UInt8]? {
        try connection.row(
            "SELECT session_hash FROM site_session WHERE token_hash = \(token.hash) AND host = \(host)"
        )?.bytes(0)
    }

    func removeExpiredTickets(_ connection: any Connection) throws {
        try connection.rows("DELETE FROM site_ticket WHERE expires_at <= \(now())")
    }
}

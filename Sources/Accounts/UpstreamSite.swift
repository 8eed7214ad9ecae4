internal import Database

/// The Label Studio behind the gate. There is one at most.
public struct UpstreamSite: Sendable, Equatable {
    /// Where it listens.
    public let address: String
    /// When its organization was made: names its database, whatever its address.
    public let source: Timestamp
    /// The number of its organization there.
    public let organization: Int64
    /// The number of the account there by which invite links are read.
    public let serviceUser: Int64

    public init(address: String, source: Timestamp, organization: Int64, serviceUser: Int64) {
        self.address = address
        self.source = source
        self.organization = organization
        self.serviceUser = serviceUser
    }

    init(row: Row) throws(DatabaseError) {
        address = try row.text(0)
        source = Timestamp(microseconds: try row.integer(1))
        organization = try row.integer(2)
        serviceUser = try row.integer(3)
    }
}

extension Accounts {
    /// There is a Label Studio behind the gate already.
    public struct UpstreamPresent: Error {}

    public func upstream() throws -> UpstreamSite? {
        try database.read { try $0.upstream() }
    }

    /// Puts a Label Studio behind the gate. Whoever was paired with somebody in its
    /// database is so again.
    ///
    /// - Parameters:
    ///   - claim: the account that was made there on the way; it is paired
    ///   with its person.
    ///   - owner: who adds it; nil: whoever runs the server.
    /// - Throws: `UpstreamPresent`, `PairRefusal` or `DatabaseError`.
    public func add(
        _ upstream: UpstreamSite, settling claim: UpstreamClaim? = nil, by owner: User.ID? = nil,
        from client: Client
    ) throws {
        try act(from: client) { act in
            let added = try act.connection.row(
                """
                INSERT INTO upstream (id, address, source, organization_id, service_user, added_at)
                VALUES (1, \(upstream.address), \(upstream.source), \(upstream.organization),
                        \(upstream.serviceUser), \(act.instant))
                ON CONFLICT DO NOTHING
                RETURNING id
                """)
            guard added != nil else { throw UpstreamPresent() }
            try act.record(.upstreamAdded, by: owner, detail: upstream.address)
            guard let claim else { return }
            try settle(claim, as: upstream.serviceUser, at: upstream.source, in: &act)
        }
    }

    /// Takes the Label Studio away. Who is who there is kept, for the case that its
    /// database comes back.
    ///
    /// - Returns: what was taken away; nil: there was none.
    public func removeUpstream(from client: Client) throws -> UpstreamSite? {
        try act(from: client) { act in
            guard let upstream = try act.connection.upstream() else { return nil }
            try act.connection.rows("DELETE FROM upstream")
            // A password that was made for one database is never tried at another.
            try act.connection.rows("DELETE FROM upstream_claim")
            try act.record(.upstreamRemoved, by: nil, detail: upstream.address)
            return upstream
        }
    }
}

extension Connection {
    func upstream() throws(DatabaseError) -> UpstreamSite? {
        guard let row = try row("SELECT address, source, organization_id, service_user FROM upstream")
        else { return nil }
        return try UpstreamSite(row: row)
    }
}

internal import Database

/// The name of a person that his account in the Label Studio behind the gate gets.
public struct UpstreamName: Sendable, Hashable {
    public let user: User.ID
    public let upstreamUser: Int64
    public let firstName: String
    public let lastName: String
    /// See `UpstreamSite.source`.
    let source: Timestamp

    init(row: Row) throws(DatabaseError) {
        user = User.ID(try row.integer(0))
        upstreamUser = try row.integer(1)
        firstName = try row.text(2)
        lastName = try row.text(3)
        source = Timestamp(microseconds: try row.integer(4))
    }
}

extension Accounts {
    /// Members whose account there has not got the name that they have here now.
    ///
    /// - Parameters:
    ///   - address: where the Label Studio is; if another one was added, there are none.
    ///   - user: only this one.
    public func upstreamNamesToSend(to address: String, of user: User.ID? = nil) throws -> [UpstreamName] {
        try database.read { connection in
            try connection.rows(
                """
                SELECT p.user_id, p.upstream_user, u.first_name, u.last_name, p.source
                FROM upstream_pair p
                JOIN upstream s ON s.source = p.source AND s.address = \(address)
                JOIN user_account u ON u.id = p.user_id
                JOIN member m ON m.user_id = u.id
                WHERE m.removed_at IS NULL AND (p.first_name <> u.first_name OR p.last_name <> u.last_name)
                AND u.id = COALESCE(\(user?.number), u.id)
                ORDER BY u.id
                """
            ).map { try UpstreamName(row: $0) }
        }
    }

    /// The account there has got this name.
    public func noteSent(_ name: UpstreamName) throws {
        try database.write { connection in
            try connection.rows(
                """
                UPDATE upstream_pair SET first_name = \(name.firstName), last_name = \(name.lastName)
                WHERE source = \(name.source) AND user_id = \(name.user)
                AND upstream_user = \(name.upstreamUser)
                """)
        }
    }
}

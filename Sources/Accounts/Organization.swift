internal import Database

/// The organization of the installation. There is one, made by the first account.
public struct Organization: Sendable {
    /// The id of the one that is made here. An imported one keeps its own.
    static let firstID: Int64 = 1
    static let defaultTitle = "Label Studio"
    /// Characters (Unicode code points).
    public static let titleLimit = 1_000
    /// Bytes.
    static let nonceLength = 16

    public let id: Int64
    public let title: String
    /// What the invite link is derived from; replaced by a reset. Longer than
    /// `nonceLength`: an imported link, in a box.
    let inviteNonce: [UInt8]
    public let sessionPolicy: SessionPolicy
}

/// How long a session lasts, in minutes.
public struct SessionPolicy: Sendable, Hashable {
    /// Since log-in.
    public let maximumAge: Int64
    /// Without a request.
    public let maximumIdleTime: Int64

    /// Beyond ten years nobody means it, and sums with instants would overflow.
    public static let minutes: ClosedRange<Int64> = 1...5_256_000

    /// 8 days and 3 days, as the product we follow has it.
    public static let standard = SessionPolicy(maximumAge: 11_520, maximumIdleTime: 4_320)
}

extension Organization {
    init(row: Row, startingAt first: Int = 0) throws(DatabaseError) {
        id = try row.integer(first)
        title = try row.text(first + 1)
        inviteNonce = try row.bytes(first + 2)
        sessionPolicy = SessionPolicy(
            maximumAge: try row.integer(first + 3), maximumIdleTime: try row.integer(first + 4))
    }
}

extension Connection {
    func organization() throws(DatabaseError) -> Organization? {
        guard
            let row = try row(
                """
                SELECT id, title, invite_nonce, max_session_age_minutes, max_idle_minutes
                FROM organization ORDER BY id LIMIT 1
                """)
        else { return nil }
        return try Organization(row: row)
    }
}

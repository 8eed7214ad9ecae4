internal import Database

/// How long and how often invite links work. They hold for the link that there
/// is and for those that follow it: any member may reset a link, only owners
/// open the door wider.
public struct InvitationLimits: Sendable, Hashable {
    /// The first instant at which nobody joins any more; nil: there is none.
    public let until: Timestamp?
    /// How many more people may join; nil: as many as come.
    public let joinsLeft: Int64?

    /// With 0, the door is shut until an owner opens it again. Nobody means more
    /// than the most.
    public static let joins: ClosedRange<Int64> = 0...1_000_000

    public init(until: Timestamp?, joinsLeft: Int64?) {
        self.until = until
        self.joinsLeft = joinsLeft
    }

    /// Why nobody may join now; nil if they may.
    public func refusal(at instant: Timestamp) -> Admission.Refusal? {
        if let until, instant >= until { return .invitationExpired }
        return joinsLeft == 0 ? .invitationUsedUp : nil
    }
}

/// What has come of an invite link.
public struct InvitationUse: Sendable {
    public let limits: InvitationLimits
    /// How many have joined by the link that there is.
    public let joins: Int64
    /// When the link was made, or when it began to be counted who joins.
    public let since: Timestamp
}

extension Accounts {
    public func invitationUse(of organization: Organization) throws -> InvitationUse {
        try database.read { connection in
            let row = try connection.row(
                """
                SELECT invite_until, invite_joins_left, invite_joins, COALESCE(invite_counted_since, created_at)
                FROM organization WHERE id = \(organization.id)
                """)
            guard let row else { throw AccessEnded() }
            return InvitationUse(
                limits: try InvitationLimits(row: row), joins: try row.integer(2),
                since: Timestamp(microseconds: try row.integer(3)))
        }
    }

    /// The number of joins is not any more what the owner saw who changed it.
    public struct InvitationLimitsChanged: Error {}

    /// Sets how long and how often invite links work, as an owner.
    ///
    /// - Parameter shown: what the owner saw before. If he leaves the number of joins as
    ///   it was, those who have joined meanwhile stay counted.
    /// - Throws: `InvitationLimitsChanged`, `MembershipRefusal.notOwner` or `DatabaseError`.
    public func limitInvitation(
        _ limits: InvitationLimits, insteadOf shown: InvitationLimits, by requester: Requester,
        from client: Client
    ) throws {
        try changeSettings(by: requester, from: client) { act, organization in
            if limits.joinsLeft != shown.joinsLeft {
                let changed = try act.connection.row(
                    """
                    UPDATE organization SET invite_joins_left = \(limits.joinsLeft)
                    WHERE id = \(organization) AND invite_joins_left IS NOT DISTINCT FROM \(shown.joinsLeft)
                    RETURNING id
                    """)
                guard changed != nil else { throw InvitationLimitsChanged() }
            }
            try act.connection.rows(
                """
                UPDATE organization SET invite_until = \(limits.until), updated_at = \(act.instant)
                WHERE id = \(organization)
                """)
            let day = limits.until.map { ($0 - 1).date } ?? "-"
            let joins = limits.joinsLeft.map { "\($0)" } ?? "-"
            try act.record(
                .settingsChanged, by: requester.member.user.id, detail: "invite-limits \(day) \(joins)")
        }
    }

    /// - Throws: `Admission.Refusal` if the limits let nobody in, or `DatabaseError`.
    func checkLimits(of organization: Organization, connection: any Connection) throws {
        let row = try connection.row(
            "SELECT invite_until, invite_joins_left FROM organization WHERE id = \(organization.id)")
        let limits = try row.map { try InvitationLimits(row: $0) }
        if let refusal = limits?.refusal(at: now()) { throw refusal }
    }

    /// Counts somebody who joins by the link. One statement looks and counts: of
    /// two who are the last, one gets in.
    func countJoin(to organization: Organization, in act: Act) throws {
        let counted = try act.connection.row(
            """
            UPDATE organization
            SET invite_joins = invite_joins + 1, invite_joins_left = invite_joins_left - 1
            WHERE id = \(organization.id) AND invite_nonce = \(organization.inviteNonce)
            AND (invite_until IS NULL OR invite_until > \(act.instant))
            AND (invite_joins_left IS NULL OR invite_joins_left > 0)
            RETURNING id
            """)
        guard counted != nil else { throw Admission.Refusal.invitationRefused }
    }
}

extension InvitationLimits {
    fileprivate init(row: Row) throws(DatabaseError) {
        until = try row.optionalInteger(0).map(Timestamp.init(microseconds:))
        joinsLeft = try row.optionalInteger(1)
    }
}

internal import Database

/// The organization with what only its own page or call shows.
public struct OrganizationDetails: Sendable {
    public let organization: Organization
    /// An e-mail address; nil: none was given.
    public let contactInfo: String?
    public let createdAt: Timestamp
    public let updatedAt: Timestamp
    public let sessionPolicyUpdatedAt: Timestamp
    /// The owner who was here first; nil between two of them.
    public let owner: User.ID?
    /// Those who are members now, by id.
    public let members: [User.ID]
}

extension Accounts {
    /// Nil before the first account.
    public func organizationDetails() throws -> OrganizationDetails? {
        try database.read { connection in
            let row = try connection.row(
                """
                SELECT o.id, o.title, o.invite_nonce, o.max_session_age_minutes, o.max_idle_minutes,
                       o.contact_info, o.created_at, o.updated_at, o.session_policy_updated_at,
                       (SELECT min(m.user_id) FROM member m
                        WHERE m.organization_id = o.id AND m.role = 'owner'
                        AND m.removed_at IS NULL AND m.deactivated_at IS NULL)
                FROM organization o ORDER BY o.id LIMIT 1
                """)
            guard let row else { return nil }
            let organization = try Organization(row: row)
            let createdAt = Timestamp(microseconds: try row.integer(6))
            return OrganizationDetails(
                organization: organization, contactInfo: try row.optionalText(5), createdAt: createdAt,
                updatedAt: Timestamp(microseconds: try row.integer(7)),
                sessionPolicyUpdatedAt: try row.optionalInteger(8).map(Timestamp.init(microseconds:))
                    ?? createdAt,
                owner: try row.optionalInteger(9).map(User.ID.init),
                members: try connection.rows(
                    """
                    SELECT user_id FROM member
                    WHERE organization_id = \(organization.id) AND removed_at IS NULL ORDER BY user_id
                    """
                ).map { User.ID(try $0.integer(0)) })
        }
    }

    /// Sets what is given, as an owner.
    ///
    /// - Parameters:
    ///   - title: nil: as it is.
    ///   - contactInfo: nil: as it is; the inner nil: none.
    /// - Throws: `MembershipRefusal.notOwner` or `DatabaseError`.
    public func editOrganization(
        title: String?, contactInfo: String??, by requester: Requester, from client: Client
    ) throws {
        try changeSettings(by: requester, from: client) { act, organization in
            if let title {
                try act.connection.rows(
                    """
                    UPDATE organization SET title = \(title), updated_at = \(act.instant)
                    WHERE id = \(organization)
                    """)
                try act.record(.settingsChanged, by: requester.member.user.id, detail: "title")
            }
            if let contactInfo {
                try act.connection.rows(
                    """
                    UPDATE organization SET contact_info = \(contactInfo), updated_at = \(act.instant)
                    WHERE id = \(organization)
                    """)
                try act.record(.settingsChanged, by: requester.member.user.id, detail: "contact-info")
            }
        }
    }

    /// Sets how long sessions last, as an owner; those that are too old for it
    /// end with their next request.
    ///
    /// - Parameters: minutes; nil: as it is.
    /// - Throws: `MembershipRefusal.notOwner` or `DatabaseError`.
    public func editSessionPolicy(
        maximumAge: Int64?, maximumIdleTime: Int64?, by requester: Requester, from client: Client
    ) throws {
        guard maximumAge != nil || maximumIdleTime != nil else { return }
        try changeSettings(by: requester, from: client) { act, organization in
            let row = try act.connection.row(
                """
                UPDATE organization
                SET max_session_age_minutes = COALESCE(\(maximumAge), max_session_age_minutes),
                    max_idle_minutes = COALESCE(\(maximumIdleTime), max_idle_minutes),
                    session_policy_updated_at = \(act.instant)
                WHERE id = \(organization)
                RETURNING max_session_age_minutes, max_idle_minutes
                """)
            guard let row else { return }
            try act.record(
                .settingsChanged, by: requester.member.user.id,
                detail: "session-policy \(row.integer(0)) \(row.integer(1))")
        }
    }

    /// Runs an act of an owner upon the organization.
    func changeSettings(
        by requester: Requester, from client: Client,
        _ body: (inout Act, _ organization: Int64) throws -> Void
    ) throws {
        let organization = requester.member.organization.id
        try act(by: .requester(requester), from: client) { act in
            try checkOwner(requester.member.user.id, of: organization, in: act)
            try body(&act, organization)
        }
    }
}

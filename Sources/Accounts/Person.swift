internal import Database

/// Somebody who is or was a member.
public struct Person: Sendable {
    public let member: Member
    /// Nil if he is a member.
    public let removedAt: Timestamp?
    /// Keyboard shortcuts: a JSON object, as a client wrote it.
    public let hotkeys: String

    public var isRemoved: Bool { removedAt != nil }

    init(row: Row) throws(DatabaseError) {
        member = try Member(row: row)
        removedAt = try row.optionalInteger(19).map(Timestamp.init(microseconds:))
        hotkeys = try row.text(20)
    }
}

extension Accounts {
    /// Anybody with an account, as owners see him: deactivated, removed or not.
    public func person(_ user: User.ID, in organization: Organization) throws -> Person? {
        try database.read { connection in
            try connection.row(
                """
                SELECT u.id, u.email, u.username, u.first_name, u.last_name, u.phone, u.allow_newsletters,
                       u.password_provisioned_at, u.created_at, u.last_active_at, u.photo, m.role, m.joined_at,
                       m.deactivated_at,
                       o.id, o.title, o.invite_nonce, o.max_session_age_minutes, o.max_idle_minutes, m.removed_at,
                       u.custom_hotkeys
                FROM member m
                JOIN user_account u ON u.id = m.user_id
                JOIN organization o ON o.id = m.organization_id
                WHERE m.organization_id = \(organization.id) AND m.user_id = \(user)
                """
            ).map { try Person(row: $0) }
        }
    }

    /// Who was removed or has left: the last one first, 200 at most.
    public func removedPeople(of organization: Organization) throws -> [Person] {
        try database.read { connection in
            try connection.rows(
                """
                SELECT u.id, u.email, u.username, u.first_name, u.last_name, u.phone, u.allow_newsletters,
                       u.password_provisioned_at, u.created_at, u.last_active_at, u.photo, m.role, m.joined_at,
                       m.deactivated_at,
                       o.id, o.title, o.invite_nonce, o.max_session_age_minutes, o.max_idle_minutes, m.removed_at,
                       u.custom_hotkeys
                FROM member m
                JOIN user_account u ON u.id = m.user_id
                JOIN organization o ON o.id = m.organization_id
                WHERE m.organization_id = \(organization.id) AND m.removed_at IS NOT NULL
                ORDER BY m.removed_at DESC, m.user_id DESC LIMIT 200
                """
            ).map { try Person(row: $0) }
        }
    }

    /// Everybody with an account, removed people too, in the order in which
    /// the accounts were made.
    public func everybody(in organization: Organization) throws -> [Person] {
        try database.read { connection in
            try connection.rows(
                """
                SELECT u.id, u.email, u.username, u.first_name, u.last_name, u.phone, u.allow_newsletters,
                       u.password_provisioned_at, u.created_at, u.last_active_at, u.photo, m.role, m.joined_at,
                       m.deactivated_at,
                       o.id, o.title, o.invite_nonce, o.max_session_age_minutes, o.max_idle_minutes, m.removed_at,
                       u.custom_hotkeys
                FROM member m
                JOIN user_account u ON u.id = m.user_id
                JOIN organization o ON o.id = m.organization_id
                WHERE m.organization_id = \(organization.id)
                ORDER BY m.user_id
                """
            ).map { try Person(row: $0) }
        }
    }

    /// The same in the order of user names, a part of it.
    ///
    /// - Returns: the people of that part, and how many there are in all.
    public func everybody(in organization: Organization, part: Part) throws -> (
        people: [Person], total: Int64
    ) {
        try database.read { connection in
            let people = try connection.rows(
                """
                SELECT u.id, u.email, u.username, u.first_name, u.last_name, u.phone, u.allow_newsletters,
                       u.password_provisioned_at, u.created_at, u.last_active_at, u.photo, m.role, m.joined_at,
                       m.deactivated_at,
                       o.id, o.title, o.invite_nonce, o.max_session_age_minutes, o.max_idle_minutes, m.removed_at,
                       u.custom_hotkeys
                FROM member m
                JOIN user_account u ON u.id = m.user_id
                JOIN organization o ON o.id = m.organization_id
                WHERE m.organization_id = \(organization.id)
                ORDER BY u.username, u.id
                LIMIT \(part.limit) OFFSET \(part.offset)
                """
            ).map { try Person(row: $0) }
            let total = try connection.row(
                "SELECT count(*) FROM member WHERE organization_id = \(organization.id)")
            return (people, try total?.integer(0) ?? 0)
        }
    }
}

/// A part of a list: so many rows after the first ones.
public struct Part: Sendable {
    public let offset: Int64
    public let limit: Int64

    public init(offset: Int64, limit: Int64) {
        self.offset = offset
        self.limit = limit
    }

    public static let everything = Part(offset: 0, limit: .max)
}

internal import Database

extension Accounts {
    /// Everybody who is or was a member, in the order of their accounts.
    public func everybody(in organization: Organization) throws -> [Person] {
        try database.read { connection in
            try connection.rows(
                """
                SELECT u.id, u.email, u.username, u.first_name, u.last_name, u.phone, u.allow_newsletters,
                       u.password_provisioned_at, u.created_at, u.last_active_at, m.role, m.joined_at, m.deactivated_at,
                       o.id, o.title, o.invite_nonce, o.max_session_age_minutes, o.max_idle_minutes, m.removed_at
                FROM member m
                JOIN user_account u ON u.id = m.user_id
                JOIN organization o ON o.id = m.organization_id
                WHERE m.organization_id = \(organization.id)
                ORDER BY m.user_id
                """
            ).map { try Person(row: $0) }
        }
    }

    /// All of them, the oldest first.
    public func allProjects(of organization: Organization) throws -> [Project] {
        try database.read { connection in
            try connection.rows(
                """
                SELECT p.id, p.title, p.description, u.email, p.created_at
                FROM project p LEFT JOIN user_account u ON u.id = p.created_by
                WHERE p.organization_id = \(organization.id) ORDER BY p.id
                """
            ).map { try Project(row: $0) }
        }
    }
}

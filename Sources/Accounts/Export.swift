internal import Database

extension Accounts {
    /// All of them, the oldest first.
    public func allProjects(of organization: Organization) throws -> [Project] {
        try database.read { connection in
            try connection.rows(
                """
                SELECT p.id, p.title, p.description, u.email, p.created_at, p.site_address
                FROM project p LEFT JOIN user_account u ON u.id = p.created_by
                WHERE p.organization_id = \(organization.id) ORDER BY p.id
                """
            ).map { try Project(row: $0) }
        }
    }
}

internal import Database
public import Photos

/// A project with all that clients of the API keep of it.
public struct ProjectRecord: Sendable {
    public let project: Project
    /// Nil once the account is deleted.
    public let author: Author?
    public let updatedAt: Timestamp
    /// A JSON object of what this program does not know: labels, colours.
    public let extraFields: String

    public struct Author: Sendable {
        public let id: User.ID
        public let email: EmailAddress
        public let firstName: String
        public let lastName: String
        public let photo: PhotoName?
        /// Whether he is no member any more.
        public let isRemoved: Bool
    }

    /// Bytes of `extraFields`, at most, as they are stored: without white space,
    /// `<`, `>` and `&` as six bytes each.
    public static let extraFieldsLimit = 65_536
}

extension Accounts {
    /// The newest first, a part of them, and how many there are in all.
    public func projectRecords(
        of organization: Organization, part: Part
    ) throws -> (records: [ProjectRecord], total: Int64) {
        try database.read { connection in
            let records = try connection.rows(
                """
                SELECT p.id, p.title, p.description, u.email, p.created_at, p.site_address,
                       p.updated_at, p.extra_fields, u.id, u.first_name, u.last_name, u.photo, m.removed_at
                FROM project p LEFT JOIN user_account u ON u.id = p.created_by
                LEFT JOIN member m ON m.user_id = u.id AND m.organization_id = p.organization_id
                WHERE p.organization_id = \(organization.id)
                ORDER BY p.id DESC LIMIT \(part.limit) OFFSET \(part.offset)
                """
            ).map { try ProjectRecord(row: $0) }
            let total = try connection.row(
                "SELECT count(*) FROM project WHERE organization_id = \(organization.id)")
            return (records, try total?.integer(0) ?? 0)
        }
    }

    public func projectRecord(_ id: Project.ID, of organization: Organization) throws -> ProjectRecord? {
        try database.read { try projectRecord(id, of: organization.id, $0) }
    }

    private func projectRecord(
        _ id: Project.ID, of organization: Int64, _ connection: any Connection
    ) throws -> ProjectRecord? {
        try connection.row(
            """
            SELECT p.id, p.title, p.description, u.email, p.created_at, p.site_address,
                   p.updated_at, p.extra_fields, u.id, u.first_name, u.last_name, u.photo, m.removed_at
            FROM project p LEFT JOIN user_account u ON u.id = p.created_by
            LEFT JOIN member m ON m.user_id = u.id AND m.organization_id = p.organization_id
            WHERE p.id = \(id) AND p.organization_id = \(organization)
            """
        ).map { try ProjectRecord(row: $0) }
    }

    /// Those that a person has made, by id.
    public func projects(madeBy user: User.ID) throws -> [(id: Project.ID, title: String)] {
        try database.read { connection in
            try connection.rows("SELECT id, title FROM project WHERE created_by = \(user) ORDER BY id").map {
                (Project.ID(try $0.integer(0)), try $0.text(1))
            }
        }
    }

    /// Changes a project in one act: what `change` makes of it as it is now.
    ///
    /// - Returns: the project as it is then; nil if there is none (any more).
    public func editProject(
        _ id: Project.ID, by requester: Requester, from client: Client,
        _ change: (ProjectRecord) throws -> (content: Project.Content, extraFields: String)
    ) throws -> ProjectRecord? {
        let organization = requester.member.organization.id
        return try act(by: .requester(requester), from: client) { act in
            guard let record = try projectRecord(id, of: organization, act.connection) else { return nil }
            let (content, extraFields) = try change(record)
            try act.connection.rows(
                """
                UPDATE project
                SET title = \(content.title), folded_title = \(FoldedText(besides: content.title)),
                    description = \(content.description), site_address = \(content.site), extra_fields = \(extraFields), updated_at = \(act.instant)
                WHERE id = \(id) AND organization_id = \(organization)
                """)
            return try projectRecord(id, of: organization, act.connection)
        }
    }
}

extension ProjectRecord {
    init(row: Row) throws(DatabaseError) {
        project = try Project(row: row)
        updatedAt = Timestamp(microseconds: try row.integer(6))
        extraFields = try row.text(7)
        guard let id = try row.optionalInteger(8), let email = project.author else {
            author = nil
            return
        }
        author = Author(
            id: User.ID(id), email: email, firstName: try row.text(9), lastName: try row.text(10),
            photo: try row.optionalText(11).flatMap(PhotoName.init(parsing:)),
            isRemoved: try row.optionalInteger(12) != nil)
    }
}

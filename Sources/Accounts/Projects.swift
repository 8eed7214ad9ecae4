public import Database

/// Something that the organization works on. Every member sees and may change
/// every project.
public struct Project: Sendable {
    public struct ID: Sendable, Hashable, Bindable {
        public let number: Int64

        public init(_ number: Int64) {
            self.number = number
        }

        public var databaseValue: Value { .integer(number) }
    }

    public let id: ID
    public let title: String
    public let description: String
    /// Nil once the account is deleted.
    public let author: EmailAddress?
    public let createdAt: Timestamp
    /// The site that it opens; nil: none.
    public let site: SiteAddress?

    /// What its people write.
    public struct Content: Sendable {
        /// Characters (Unicode code points).
        public static let titleLimit = 255
        /// Characters. Even if all of them take four bytes, the form stays
        /// below the limit of a request's body.
        public static let descriptionLimit = 4_000

        public let title: String
        public let description: String
        public let site: SiteAddress?

        /// What was checked already, field by field, or stands in the database:
        /// an imported description may be longer than one that is written here.
        public init(
            checkedTitle title: String, checkedDescription description: String, site: SiteAddress?
        ) {
            self.title = title
            self.description = description
            self.site = site
        }

        public enum Problem: Error, Sendable {
            case titleMissing, titleTooLong, titleContainsNUL, descriptionTooLong, descriptionContainsNUL
        }

        public init(title: String, description: String, site: SiteAddress? = nil) throws(Problem) {
            let title = trimmed(title)
            guard !title.isEmpty else { throw .titleMissing }
            guard title.unicodeScalars.count <= Self.titleLimit else { throw .titleTooLong }
            // PostgreSQL could not keep it.
            guard !title.utf8.contains(0) else { throw .titleContainsNUL }
            guard !description.utf8.contains(0) else { throw .descriptionContainsNUL }
            guard description.unicodeScalars.count <= Self.descriptionLimit else { throw .descriptionTooLong }
            self.title = title
            self.description = trimmed(description)
            self.site = site
        }
    }
}

extension Accounts {
    public static let projectPageSize = 60

    /// The newest first, a page of them.
    ///
    /// - Parameters:
    ///   - search: a part of the title; "": every project. Only the index is searched.
    ///   - before: the last one of the page before; nil for the first page.
    public func projects(
        of organization: Organization, matching search: String = "", before: Project.ID? = nil
    ) throws -> [Project] {
        let title = SearchPattern(search).folded
        return try database.read { connection in
            try connection.rows(
                """
                SELECT p.id, p.title, p.description, u.email, p.created_at, p.site_address
                FROM project p LEFT JOIN user_account u ON u.id = p.created_by
                WHERE p.id IN (
                    SELECT id FROM project
                    WHERE organization_id = \(organization.id) AND id < \(before ?? Project.ID(Int64.max))
                    AND folded_title LIKE \(title) ESCAPE '!'
                    ORDER BY id DESC LIMIT \(Int64(Self.projectPageSize)))
                ORDER BY p.id DESC
                """
            ).map { try Project(row: $0) }
        }
    }

    public func project(_ id: Project.ID, of organization: Organization) throws -> Project? {
        try database.read { connection in
            try connection.row(
                """
                SELECT p.id, p.title, p.description, u.email, p.created_at, p.site_address
                FROM project p LEFT JOIN user_account u ON u.id = p.created_by
                WHERE p.id = \(id) AND p.organization_id = \(organization.id)
                """
            ).map { try Project(row: $0) }
        }
    }

    /// - Parameter extraFields: see `ProjectRecord`.
    public func createProject(
        _ content: Project.Content, extraFields: String = "{}", by requester: Requester, from client: Client
    ) throws -> Project.ID {
        let member = requester.member
        return try act(by: .requester(requester), from: client) { act in
            let instant = act.instant
            let row = try act.connection.row(
                """
                INSERT INTO project
                (organization_id, title, folded_title, description, site_address, extra_fields, created_by,
                 created_at, updated_at)
                VALUES (\(member.organization.id), \(content.title), \(FoldedText(besides: content.title)),
                        \(content.description),
                        \(content.site), \(extraFields), \(member.user.id), \(instant), \(instant))
                RETURNING id
                """)
            guard let row else { throw DatabaseError(.other, "the database returned no id") }
            return Project.ID(try row.integer(0))
        }
    }

    /// - Returns: false if there is no such project (any more).
    public func updateProject(
        _ id: Project.ID, to content: Project.Content, by requester: Requester, from client: Client
    ) throws -> Bool {
        let organization = requester.member.organization
        return try act(by: .requester(requester), from: client) { act in
            try act.connection.row(
                """
                UPDATE project
                SET title = \(content.title), folded_title = \(FoldedText(besides: content.title)),
                    description = \(content.description),
                    site_address = \(content.site), updated_at = \(now())
                WHERE id = \(id) AND organization_id = \(organization.id)
                RETURNING id
                """) != nil
        }
    }

    /// - Returns: false if there is no such project (any more).
    public func deleteProject(
        _ id: Project.ID, by requester: Requester, from client: Client
    ) throws -> Bool {
        let organization = requester.member.organization
        return try act(by: .requester(requester), from: client) { act in
            try act.connection.row(
                """
                DELETE FROM project WHERE id = \(id) AND organization_id = \(organization.id) RETURNING id
                """) != nil
        }
    }
}

extension Project {
    init(row: Row) throws(DatabaseError) {
        id = ID(try row.integer(0))
        title = try row.text(1)
        description = try row.text(2)
        author = try row.optionalText(3).map(EmailAddress.init(stored:))
        createdAt = Timestamp(microseconds: try row.integer(4))
        site = try row.optionalText(5).map(SiteAddress.init(checked:))
    }
}

public import Database

extension Installation {
    /// The newest version whose schema is known here.
    public static let newestVersion = "1.23.2"

    /// Reads the whole, from one state of the database.
    ///
    /// - Throws: `ReadingFault` or `DatabaseError`.
    public init(reading connection: any Connection) throws {
        let schema = try Schema(connection)
        try schema.check(connection)
        let reader = InstallationReader(connection: connection, schema: schema)
        guard let organization = try reader.organization() else { throw ReadingFault.empty }
        self.organization = organization
        people = try reader.people(in: organization.id)
        projects = try reader.projects(of: organization.id)
        refreshTokens = try reader.refreshTokens()
        otherProjects = try reader.count("SELECT count(*) FROM project") - projects.count
        otherOrganizations = try reader.count("SELECT count(*) FROM organization") - 1
    }
}

/// Which tables and columns there are; they differ with the version.
struct Schema {
    private let columns: [String: Set<String>]

    /// Tables, and their columns, without which it is not such a database.
    private static let required = [
        "htx_user": [
            "id", "email", "password", "username", "first_name", "last_name", "phone", "is_active",
            "is_superuser", "date_joined", "last_activity", "avatar",
        ],
        "organization": ["id", "title", "created_at", "created_by_id", "token"],
        "organizations_organizationmember": ["organization_id", "user_id", "created_at"],
        "authtoken_token": ["key", "user_id"],
        "project": ["id", "title", "organization_id", "created_by_id", "created_at", "updated_at"],
        "django_migrations": ["app", "name"],
    ]

    private static let optional = [
        "jwt_auth_jwtsettings", "session_policy_sessiontimeoutpolicy", "token_blacklist_outstandingtoken",
        "token_blacklist_blacklistedtoken",
    ]

    /// The newest step of each app whose tables are read, in version 1.23.2.
    private static let newestSteps = [
        "users": 11, "organizations": 6, "authtoken": 4, "jwt_auth": 2, "session_policy": 3,
        "token_blacklist": 13,
    ]

    /// Steps of a first series, which was numbered from 1 again.
    private static let earlySteps: Set = ["0007_auto_20200923_2200", "0008_auto_20201005_1552"]

    init(_ connection: any Connection) throws {
        var columns: [String: Set<String>] = [:]
        for table in Self.required.keys.sorted() + Self.optional {
            let names = try Self.columns(of: table, connection)
            if !names.isEmpty { columns[table] = Set(names) }
        }
        self.columns = columns
    }

    /// None if there is no such table where queries look for one.
    private static func columns(of table: String, _ connection: any Connection) throws -> [String] {
        let query: Query =
            switch connection.dialect {
            case .sqlite:
                "SELECT name FROM pragma_table_info(\(table))"
            case .postgreSQL:
                """
                SELECT attname FROM pg_attribute
                WHERE attrelid = to_regclass(\(table)) AND attnum > 0 AND NOT attisdropped
                """
            }
        return try connection.rows(query).map { try $0.text(0) }
    }

    func has(_ table: String) -> Bool {
        columns[table] != nil
    }

    func has(_ column: String, in table: String) -> Bool {
        columns[table]?.contains(column) ?? false
    }

    /// - Throws: `ReadingFault` or `DatabaseError`.
    func check(_ connection: any Connection) throws {
        for (table, needed) in Self.required.sorted(by: { $0.key < $1.key }) {
            guard has(table) else { throw ReadingFault.missing(table) }
            if let column = needed.first(where: { !has($0, in: table) }) {
                throw ReadingFault.missing("\(table).\(column)")
            }
        }
        for row in try connection.rows("SELECT app, name FROM django_migrations ORDER BY id") {
            let (app, name) = (try row.text(0), try row.text(1))
            if let newest = Self.newestSteps[app], let number = Int(name.prefix(4)), number > newest,
                !Self.earlySteps.contains(name)
            {
                throw ReadingFault.newer("\(app) \(name)")
            }
        }
        // PostgreSQL has no such check; it names damage when it comes upon it.
        guard connection.dialect == .sqlite else { return }
        for table in columns.keys.sorted() { try checkContent(of: table, connection) }
    }

    /// Only the tables that are read: the others hold the labels, and may be
    /// large. That a value breaks a rule of its table is no damage.
    private func checkContent(of table: String, _ connection: any Connection) throws {
        for row in try connection.rows("SELECT quick_check FROM pragma_quick_check(\(table))") {
            let line = try row.text(0)
            let isHarmless =
                line == "ok" || line.hasPrefix("NULL value in") || line.hasPrefix("CHECK constraint failed")
            if !isHarmless { throw ReadingFault.damaged(line) }
        }
    }
}

/// Reads one table after the other.
private struct InstallationReader {
    let connection: any Connection
    let schema: Schema

    func organization() throws -> Installation.Organization? {
        let contact = schema.has("contact_info", in: "organization") ? "contact_info" : "NULL"
        let row = try connection.row(
            Query(
                stringLiteral: """
                    SELECT id, title, created_at, created_by_id, token, \(contact)
                    FROM organization ORDER BY id LIMIT 1
                    """))
        guard let row else { return nil }
        let id = try row.integer(0)
        let settings = try tokenSettings(of: id)
        return Installation.Organization(
            id: id, title: try row.text(1), createdAt: try row.text(2), owner: try row.optionalInteger(3),
            inviteToken: try row.optionalText(4) ?? "",
            contactInfo: try row.optionalText(5).flatMap { $0.isEmpty ? nil : $0 },
            sessionPolicy: try sessionPolicy(of: id),
            acceptsAPITokens: settings.personal, acceptsLegacyTokens: settings.legacy)
    }

    /// Versions without these settings accepted the legacy tokens only.
    private func tokenSettings(of organization: Int64) throws -> (personal: Bool, legacy: Bool) {
        guard schema.has("jwt_auth_jwtsettings") else { return (true, true) }
        let row = try connection.row(
            """
            SELECT api_tokens_enabled, legacy_api_tokens_enabled FROM jwt_auth_jwtsettings
            WHERE organization_id = \(organization)
            """)
        guard let row else { return (true, false) }
        return (try row.integer(0) != 0, try row.integer(1) != 0)
    }

    private func sessionPolicy(of organization: Int64) throws -> Installation.SessionPolicy? {
        guard schema.has("session_policy_sessiontimeoutpolicy") else { return nil }
        return try connection.row(
            """
            SELECT max_session_age, max_time_between_activity FROM session_policy_sessiontimeoutpolicy
            WHERE organization_id = \(organization)
            """
        ).map {
            Installation.SessionPolicy(maximumAge: try $0.integer(0), maximumIdleTime: try $0.integer(1))
        }
    }

    func people(in organization: Int64) throws -> [Installation.Person] {
        let memberships = try memberships(of: organization)
        let newsletters = schema.has("allow_newsletters", in: "htx_user") ? "u.allow_newsletters" : "NULL"
        let hotkeys = schema.has("custom_hotkeys", in: "htx_user") ? "u.custom_hotkeys" : "NULL"
        return try connection.rows(
            Query(
                stringLiteral: """
                    SELECT u.id, u.email, u.password, u.username, u.first_name, u.last_name, u.phone,
                           \(newsletters), u.is_active, u.is_superuser, u.date_joined, u.last_activity, u.avatar,
                           \(hotkeys), t.key
                    FROM htx_user u LEFT JOIN authtoken_token t ON t.user_id = u.id
                    ORDER BY u.id
                    """)
        ).map { row in
            let id = try row.integer(0)
            return Installation.Person(
                id: id, email: try row.text(1), password: try row.text(2), username: try row.text(3),
                firstName: try row.text(4), lastName: try row.text(5), phone: try row.text(6),
                allowsNewsletters: try row.optionalInteger(7).map { $0 != 0 },
                isActive: try row.integer(8) != 0, isSuperuser: try row.integer(9) != 0,
                createdAt: try row.text(10), lastActiveAt: try row.text(11),
                avatar: try row.optionalText(12).flatMap { $0.isEmpty ? nil : $0 },
                hotkeys: try row.optionalText(13).flatMap { ["", "{}", "null"].contains($0) ? nil : $0 },
                legacyToken: try row.optionalText(14), membership: memberships[id])
        }
    }

    /// Nothing there forbids two of one person: one that is not removed counts.
    private func memberships(of organization: Int64) throws -> [Int64: Installation.Membership] {
        let isSoftlyDeleted = schema.has("deleted_at", in: "organizations_organizationmember")
        let deletedAt = isSoftlyDeleted ? "deleted_at" : "NULL"
        let rows = try connection.rows(
            Query(
                stringLiteral: """
                    SELECT organization_id, user_id, created_at, \(deletedAt)
                    FROM organizations_organizationmember ORDER BY id
                    """))
        var memberships: [Int64: Installation.Membership] = [:]
        for row in rows where try row.integer(0) == organization {
            let user = try row.integer(1)
            if let known = memberships[user], known.removedAt == nil { continue }
            memberships[user] = Installation.Membership(
                joinedAt: try row.text(2), removedAt: try row.optionalText(3))
        }
        return memberships
    }

    func projects(of organization: Int64) throws -> [Installation.Project] {
        let description = schema.has("description", in: "project") ? "description" : "NULL"
        let deletedAt = schema.has("deleted_at", in: "project") ? "deleted_at" : "NULL"
        return try connection.rows(
            Query(
                stringLiteral: """
                    SELECT id, title, \(description), created_by_id, created_at, updated_at
                    FROM project WHERE organization_id = \(organization) AND \(deletedAt) IS NULL ORDER BY id
                    """)
        ).map {
            Installation.Project(
                id: try $0.integer(0), title: try $0.optionalText(1) ?? "",
                description: try $0.optionalText(2) ?? "", author: try $0.optionalInteger(3),
                createdAt: try $0.text(4), updatedAt: try $0.text(5))
        }
    }

    func refreshTokens() throws -> [Installation.RefreshToken] {
        guard schema.has("token_blacklist_outstandingtoken"), schema.has("token_blacklist_blacklistedtoken")
        else { return [] }
        return try connection.rows(
            """
            SELECT o.id, o.jti, o.token, o.user_id, o.created_at, o.expires_at
            FROM token_blacklist_outstandingtoken o
            LEFT JOIN token_blacklist_blacklistedtoken b ON b.token_id = o.id
            WHERE b.id IS NULL AND o.user_id IS NOT NULL ORDER BY o.id
            """
        ).map {
            Installation.RefreshToken(
                id: try $0.integer(0), jti: try $0.text(1), text: try $0.text(2), user: try $0.integer(3),
                createdAt: try $0.optionalText(4) ?? "", expiresAt: try $0.text(5))
        }
    }

    func count(_ query: Query) throws -> Int {
        Int(try connection.row(query)?.integer(0) ?? 0)
    }
}

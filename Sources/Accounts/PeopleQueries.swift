internal import Database

extension PeopleListing {
    /// The ids of members behind a place, with what they are sorted by; those nearest to
    /// the place come first.
    ///
    /// Each query reads an index that holds both what is sorted and what is searched; the
    /// order of the tables (CROSS JOIN) is the one to read them in.
    func query(_ direction: Direction, _ column: Column, from place: Place, limit: Int64) -> Query {
        let organization = organization.id
        let name = pattern.folded
        let email = pattern.lowercase
        return switch (column, direction) {
        case (.name, .ascending):
            """
            SELECT u.id, u.folded_name FROM user_account u CROSS JOIN member m
            WHERE (u.folded_name, u.id) > (\(place.key.text), \(place.user))
            AND (u.folded_name LIKE \(name) ESCAPE '!' OR u.email LIKE \(email) ESCAPE '!')
            AND m.organization_id = \(organization) AND m.user_id = u.id AND m.removed_at IS NULL
            ORDER BY u.folded_name, u.id LIMIT \(limit)
            """
        case (.name, .descending):
            """
            SELECT u.id, u.folded_name FROM user_account u CROSS JOIN member m
            WHERE (u.folded_name, u.id) < (COALESCE(\(place.key.text), (SELECT max(folded_name) FROM user_account)), \(place.user))
            AND (u.folded_name LIKE \(name) ESCAPE '!' OR u.email LIKE \(email) ESCAPE '!')
            AND m.organization_id = \(organization) AND m.user_id = u.id AND m.removed_at IS NULL
            ORDER BY u.folded_name DESC, u.id DESC LIMIT \(limit)
            """
        case (.email, .ascending):
            """
            SELECT u.id, u.email FROM user_account u CROSS JOIN member m
            WHERE (u.email, u.id) > (\(place.key.text), \(place.user))
            AND (u.folded_name LIKE \(name) ESCAPE '!' OR u.email LIKE \(email) ESCAPE '!')
            AND m.organization_id = \(organization) AND m.user_id = u.id AND m.removed_at IS NULL
            ORDER BY u.email, u.id LIMIT \(limit)
            """
        case (.email, .descending):
            """
            SELECT u.id, u.email FROM user_account u CROSS JOIN member m
            WHERE (u.email, u.id) < (COALESCE(\(place.key.text), (SELECT max(email) FROM user_account)), \(place.user))
            AND (u.folded_name LIKE \(name) ESCAPE '!' OR u.email LIKE \(email) ESCAPE '!')
            AND m.organization_id = \(organization) AND m.user_id = u.id AND m.removed_at IS NULL
            ORDER BY u.email DESC, u.id DESC LIMIT \(limit)
            """
        case (.active, .ascending):
            """
            SELECT u.id, u.last_active_at FROM user_account u CROSS JOIN member m
            WHERE (u.last_active_at, u.id) > (\(place.key.number), \(place.user))
            AND (u.folded_name LIKE \(name) ESCAPE '!' OR u.email LIKE \(email) ESCAPE '!')
            AND m.organization_id = \(organization) AND m.user_id = u.id AND m.removed_at IS NULL
            ORDER BY u.last_active_at, u.id LIMIT \(limit)
            """
        case (.active, .descending):
            """
            SELECT u.id, u.last_active_at FROM user_account u CROSS JOIN member m
            WHERE (u.last_active_at, u.id) < (\(place.key.number), \(place.user))
            AND (u.folded_name LIKE \(name) ESCAPE '!' OR u.email LIKE \(email) ESCAPE '!')
            AND m.organization_id = \(organization) AND m.user_id = u.id AND m.removed_at IS NULL
            ORDER BY u.last_active_at DESC, u.id DESC LIMIT \(limit)
            """
        case (.role, .ascending):
            """
            SELECT m.user_id, m.role FROM member m
            WHERE m.organization_id = \(organization) AND m.removed_at IS NULL
            AND (m.role, m.user_id) > (\(place.key.text), \(place.user))
            AND (\(name) = '%' OR m.user_id IN (
                SELECT u.id FROM user_account u
                WHERE u.folded_name LIKE \(name) ESCAPE '!' OR u.email LIKE \(email) ESCAPE '!'))
            ORDER BY m.role, m.user_id LIMIT \(limit)
            """
        case (.role, .descending):
            """
            SELECT m.user_id, m.role FROM member m
            WHERE m.organization_id = \(organization) AND m.removed_at IS NULL
            AND (m.role, m.user_id) < (\(place.key.text), \(place.user))
            AND (\(name) = '%' OR m.user_id IN (
                SELECT u.id FROM user_account u
                WHERE u.folded_name LIKE \(name) ESCAPE '!' OR u.email LIKE \(email) ESCAPE '!'))
            ORDER BY m.role DESC, m.user_id DESC LIMIT \(limit)
            """
        case (.joined, .ascending):
            """
            SELECT m.user_id, m.joined_at FROM member m
            WHERE m.organization_id = \(organization) AND m.removed_at IS NULL
            AND (m.joined_at, m.user_id) > (\(place.key.number), \(place.user))
            AND (\(name) = '%' OR m.user_id IN (
                SELECT u.id FROM user_account u
                WHERE u.folded_name LIKE \(name) ESCAPE '!' OR u.email LIKE \(email) ESCAPE '!'))
            ORDER BY m.joined_at, m.user_id LIMIT \(limit)
            """
        case (.joined, .descending):
            """
            SELECT m.user_id, m.joined_at FROM member m
            WHERE m.organization_id = \(organization) AND m.removed_at IS NULL
            AND (m.joined_at, m.user_id) < (\(place.key.number), \(place.user))
            AND (\(name) = '%' OR m.user_id IN (
                SELECT u.id FROM user_account u
                WHERE u.folded_name LIKE \(name) ESCAPE '!' OR u.email LIKE \(email) ESCAPE '!'))
            ORDER BY m.joined_at DESC, m.user_id DESC LIMIT \(limit)
            """
        }
    }
}

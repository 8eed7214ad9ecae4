internal import Database

/// The list of members: who is looked for, in which order, and where a page begins.
public struct PeopleListing: Sendable {
    public let organization: Organization
    public let order: Order
    let pattern: SearchPattern

    /// What it can be sorted by.
    public enum Column: String, Sendable, CaseIterable {
        case name, email, role, joined, active
    }

    public enum Direction: Sendable {
        case ascending, descending

        public var opposite: Direction { self == .ascending ? .descending : .ascending }
    }

    public struct Order: Sendable, Hashable {
        public let column: Column
        public let direction: Direction

        public init(_ column: Column, _ direction: Direction) {
            self.column = column
            self.direction = direction
        }
    }

    /// A place between two people: what the one beside it is sorted by, and his number.
    /// It stays where it is when he goes.
    public struct Place: Sendable, Hashable {
        let key: Key
        public let user: User.ID

        enum Key: Sendable, Hashable {
            case text(String)
            case number(Int64)
            /// Behind every text.
            case end

            var text: String? { if case .text(let text) = self { text } else { nil } }
            var number: Int64? { if case .number(let number) = self { number } else { nil } }
        }
    }

    /// What a page is made of.
    public enum Bound: Sendable {
        case start
        case after(Place)
        case before(Place)
    }

    public struct Page: Sendable {
        public let members: [Member]
        /// Nil if this is the first page.
        public let previous: Place?
        /// Nil if this is the last page.
        public let next: Place?
    }

    /// - Parameter search: a part of a name or of an e-mail address; "": everybody.
    public init(of organization: Organization, search: String = "", order: Order) {
        self.organization = organization
        self.order = order
        pattern = SearchPattern(search)
    }
}

extension PeopleListing.Place {
    /// The number of a person, a full stop, and what he is sorted by. Nil if it is no
    /// place in a list that is sorted by `column`.
    public init?(parsing text: String, in column: PeopleListing.Column) {
        guard let stop = text.utf8.firstIndex(of: UInt8(ascii: ".")), !text.utf8.contains(0),
            let number = Int64(text[..<stop])
        else { return nil }
        let rest = String(text[text.utf8.index(after: stop)...])
        user = User.ID(number)
        switch column {
        case .name, .email, .role: key = .text(rest)
        case .joined, .active:
            guard let instant = Int64(rest) else { return nil }
            key = .number(instant)
        }
    }

    public var text: String {
        "\(user.number).\(key.text ?? key.number.map(String.init) ?? "")"
    }

    /// Before everybody.
    static func beginning(of order: PeopleListing.Order) -> Self {
        switch (order.column, order.direction) {
        case (.name, .ascending), (.email, .ascending), (.role, .ascending):
            Self(key: .text(""), user: User.ID(0))
        case (.name, .descending), (.email, .descending): Self(key: .end, user: User.ID(.max))
        case (.role, .descending): Self(key: .text("owner"), user: User.ID(.max))
        case (.joined, .ascending), (.active, .ascending): Self(key: .number(.min), user: User.ID(0))
        case (.joined, .descending), (.active, .descending):
            Self(key: .number(.max), user: User.ID(.max))
        }
    }
}

extension Accounts {
    public static let peoplePageSize = 50

    /// A page of a list of members. It takes as long for the last page as for the first.
    public func people(
        _ listing: PeopleListing, from bound: PeopleListing.Bound = .start
    ) throws -> PeopleListing.Page {
        let (direction, place) =
            switch bound {
            case .start: (listing.order.direction, PeopleListing.Place.beginning(of: listing.order))
            case .after(let place): (listing.order.direction, place)
            case .before(let place): (listing.order.direction.opposite, place)
            }
        let limit = Self.peoplePageSize
        let query = listing.query(direction, listing.order.column, from: place, limit: Int64(limit + 1))
        var places = try database.read { try $0.rows(query) }.map { try listing.place($0) }
        let hasMore = places.count > limit
        if hasMore { places.removeLast() }
        // Towards the beginning, the first page is a whole one.
        if case .before = bound {
            if !hasMore { return try people(listing) }
            places.reverse()
        }
        let members = try database.read { connection in
            try places.compactMap { try member($0.user, of: listing.organization, connection) }
        }
        return switch bound {
        case .start: .init(members: members, previous: nil, next: hasMore ? places.last : nil)
        case .after: .init(members: members, previous: places.first, next: hasMore ? places.last : nil)
        case .before: .init(members: members, previous: places.first, next: places.last)
        }
    }

    /// By the primary keys: a page of these look-ups takes less than a millisecond.
    private func member(
        _ user: User.ID, of organization: Organization, _ connection: any Connection
    ) throws -> Member? {
        try connection.rows(
            """
            SELECT u.id, u.email, u.username, u.first_name, u.last_name, u.phone, u.allow_newsletters,
                   u.password_provisioned_at, u.created_at, u.last_active_at, u.photo, m.role, m.joined_at,
                   m.deactivated_at
            FROM member m JOIN user_account u ON u.id = m.user_id
            WHERE m.organization_id = \(organization.id) AND m.user_id = \(user) AND m.removed_at IS NULL
            """
        ).first.map { try Member(row: $0, startingAt: 0, in: organization) }
    }
}

extension PeopleListing {
    fileprivate func place(_ row: Row) throws(DatabaseError) -> Place {
        let key: Place.Key =
            switch order.column {
            case .name, .email, .role: .text(try row.text(1))
            case .joined, .active: .number(try row.integer(1))
            }
        return Place(key: key, user: User.ID(try row.integer(0)))
    }
}

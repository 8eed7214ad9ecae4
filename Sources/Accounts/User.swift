public import Database
public import Photos

/// A person with an account.
public struct User: Sendable {
    public struct ID: Sendable, Hashable, Bindable {
        public let number: Int64

        public init(_ number: Int64) {
            self.number = number
        }

        public var databaseValue: Value { .integer(number) }
    }

    public let id: ID
    public let email: EmailAddress
    /// The part of the address before the @, at first; the API can change it.
    public let username: String
    public let profile: Profile
    /// When an operator set the password; nil once its owner has chosen one.
    public let passwordProvisionedAt: Timestamp?
    public let createdAt: Timestamp
    public let lastActiveAt: Timestamp
    /// The name of the file; nil: none. It may not be there: a database comes
    /// back from a backup without the files.
    public let photo: PhotoName?

    /// What a person writes about himself.
    public struct Profile: Sendable, Hashable {
        /// Characters (Unicode code points) of a name or the phone number.
        public static let fieldLimit = 256

        public var firstName: String
        public var lastName: String
        public var phone: String
        /// Nil: never asked.
        public var allowsNewsletters: Bool?

        public init(firstName: String, lastName: String, phone: String, allowsNewsletters: Bool?) {
            self.firstName = firstName
            self.lastName = lastName
            self.phone = phone
            self.allowsNewsletters = allowsNewsletters
        }
    }

    /// First and last name, or the address.
    public var displayName: String {
        Self.displayName(firstName: profile.firstName, lastName: profile.lastName, email: email.text)
    }

    static func displayName(firstName: String, lastName: String, email: String) -> String {
        let names = [firstName, lastName].filter { !$0.isEmpty }
        return names.isEmpty ? email : names.joined(separator: " ")
    }

    /// What somebody who knows the person would try first as a password.
    public var knownWords: [String] {
        [email.text, profile.firstName, profile.lastName, profile.phone, username].filter { !$0.isEmpty }
    }

    /// The first letters of the names, or the first two of the address.
    public var initials: String {
        let letters = [profile.firstName, profile.lastName].compactMap(\.first).map(String.init)
        return letters.isEmpty ? String(email.text.prefix(2)) : letters.joined()
    }
}

/// A user in the organization.
public struct Member: Sendable {
    public let user: User
    public let organization: Organization
    public let role: Role
    public let joinedAt: Timestamp
    /// Since when he may not log in; nil if he may.
    public let deactivatedAt: Timestamp?

    /// Those of the person, and the name of the organization.
    public var knownWords: [String] { user.knownWords + [organization.title] }

    public enum Role: String, Sendable {
        case owner, member
    }
}

extension Member {
    /// Reads a row of the columns of the user, the member, and the
    /// organization, which stand written out in this order in each query: SQL
    /// is never put together from parts.
    init(row: Row) throws(DatabaseError) {
        try self.init(row: row, startingAt: 0, in: Organization(row: row, startingAt: 14))
    }

    init(row: Row, startingAt first: Int, in organization: Organization) throws(DatabaseError) {
        user = User(
            id: User.ID(try row.integer(first)),
            email: EmailAddress(stored: try row.text(first + 1)),
            username: try row.text(first + 2),
            profile: User.Profile(
                firstName: try row.text(first + 3), lastName: try row.text(first + 4),
                phone: try row.text(first + 5),
                allowsNewsletters: try row.optionalInteger(first + 6).map { $0 != 0 }),
            passwordProvisionedAt: try row.optionalInteger(first + 7).map(Timestamp.init(microseconds:)),
            createdAt: Timestamp(microseconds: try row.integer(first + 8)),
            lastActiveAt: Timestamp(microseconds: try row.integer(first + 9)),
            photo: try row.optionalText(first + 10).flatMap(PhotoName.init(parsing:)))
        guard let role = Role(rawValue: try row.text(first + 11)) else {
            throw DatabaseError(.corrupt, "a member has an unknown role")
        }
        self.role = role
        joinedAt = Timestamp(microseconds: try row.integer(first + 12))
        deactivatedAt = try row.optionalInteger(first + 13).map(Timestamp.init(microseconds:))
        self.organization = organization
    }
}

/// What the database of a Label Studio holds of people, as it stands there:
/// addresses, passwords and instants are not interpreted. Instants are in the
/// form in which they stand in an SQLite file, in UTC.
public struct Installation: Sendable {
    /// The one that everybody signs up to: the first.
    public let organization: Organization
    /// By id.
    public let people: [Person]
    /// Those of the organization that are not deleted, by id.
    public let projects: [Project]
    /// Those that were not revoked, by id.
    public let refreshTokens: [RefreshToken]
    /// Projects that are deleted, or belong to another organization.
    public let otherProjects: Int
    public let otherOrganizations: Int

    public struct Organization: Sendable {
        public let id: Int64
        public let title: String
        public let createdAt: String
        public let owner: Int64?
        public let inviteToken: String
        /// An e-mail address; nil: none.
        public let contactInfo: String?
        /// Nil: the standard.
        public let sessionPolicy: SessionPolicy?
        /// Whether personal access tokens are accepted.
        public let acceptsAPITokens: Bool
        public let acceptsLegacyTokens: Bool
    }

    /// In minutes.
    public struct SessionPolicy: Sendable {
        public let maximumAge: Int64
        public let maximumIdleTime: Int64
    }

    public struct Person: Sendable {
        public let id: Int64
        public let email: String
        /// A hash of Django's.
        public let password: String
        public let username: String
        public let firstName: String
        public let lastName: String
        public let phone: String
        public let allowsNewsletters: Bool?
        public let isActive: Bool
        public let isSuperuser: Bool
        public let createdAt: String
        public let lastActiveAt: String
        /// A file in the media folder; nil: none.
        public let avatar: String?
        /// Keyboard shortcuts, as JSON; nil: those that everybody has.
        public let hotkeys: String?
        public let legacyToken: String?
        /// Nil: he does not belong to the organization.
        public let membership: Membership?
    }

    public struct Membership: Sendable {
        public let joinedAt: String
        /// Nil: he is a member.
        public let removedAt: String?
    }

    public struct Project: Sendable {
        public let id: Int64
        public let title: String
        public let description: String
        public let author: Int64?
        public let createdAt: String
        public let updatedAt: String
    }

    /// A personal access token, without its signature.
    public struct RefreshToken: Sendable {
        public let id: Int64
        public let jti: String
        /// The first two parts of the token.
        public let text: String
        public let user: Int64
        public let createdAt: String
        public let expiresAt: String
    }
}

/// Why a database is not, or not safely, one of a Label Studio.
public enum ReadingFault: Error, Sendable, Equatable {
    /// A table or column that each of its versions has is not there.
    case missing(String)
    /// A step of its schema that came after the newest version known here.
    case newer(String)
    /// What the database says of a table.
    case damaged(String)
    /// Nobody has an account.
    case empty
}

public import Photos

/// What came of an import.
public struct ImportReport: Sendable {
    public internal(set) var people = 0
    public internal(set) var projects = 0
    /// Legacy tokens that go on working here.
    public internal(set) var apiTokens = 0
    /// Personal access tokens that go on working here.
    public internal(set) var refreshTokens = 0
    /// Came with an earlier import, and were left as they are.
    public internal(set) var knownPeople = 0
    public internal(set) var knownProjects = 0
    /// Whether title, session policy and owner came along: only to an empty server.
    public internal(set) var tookOrganization = false
    public internal(set) var tookInviteLink = false
    /// What is not as it was there.
    public internal(set) var notes: [ImportNote] = []

    public var hasChanged: Bool {
        people + projects + refreshTokens > 0 || tookOrganization
    }
}

/// Something that an operator should know of an import. People are named by
/// their address, or by their number there if they did not come.
public enum ImportNote: Sendable, Equatable {
    case malformedEmail(person: Int64, email: String)
    /// Two addresses there that differ only in upper and lower case.
    case clash(person: Int64, email: String, with: Int64)
    /// The address has an account here, which was left as it is.
    case alreadyHere(EmailAddress)
    case noPassword(EmailAddress)
    case unknownPassword(EmailAddress)
    case removed(EmailAddress)
    /// Had an account there and was in no organization.
    case withoutOrganization(EmailAddress)
    case deactivated(EmailAddress)
    /// Had rights there that nobody has here.
    case superuser(EmailAddress)
    /// The owner there did not come as one; who is the owner now, if anybody.
    case ownerChosen(EmailAddress?)
    /// The owner there is a member here: there is an organization already.
    case ownerIsMember(EmailAddress)
    case organizationKept(title: String)
    case newAPIToken(EmailAddress)
    case newInviteLink
    /// People who were removed there and may know the invite link.
    case inviteLinkKnown(removed: Int)
    case refreshTokensWithoutKey(Int)
    /// A kind of token was switched off there.
    case apiTokensWereOff
    case legacyTokensWereOff
    case photo(EmailAddress, file: String, PhotoProblem)
    case hotkeys(EmailAddress)
    case contactInfo(String)
    /// A number there is larger than what is kept.
    case newNumbers
    case untitledProject(String)
    case projectWithoutAuthor(String)
    case otherProjects(Int)
    case otherOrganizations(Int)

    public enum PhotoProblem: Sendable, Equatable {
        /// There is no such file in the media folder.
        case unreadable
        case unusable(Photo.Fault)
    }
}

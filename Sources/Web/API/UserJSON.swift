internal import Accounts
internal import HTTP
internal import Photos

extension Site {
    /// A person as the API shows him.
    func userMembers(of person: Person, owner: EmailAddress?) -> [JSON.Member] {
        let member = person.member
        let user = member.user
        let (first, last, name, email) =
            person.isRemoved
            ? ("Deleted", "User", "Deleted", "Deleted")
            : (user.profile.firstName, user.profile.lastName, user.username, user.email.text)
        return [
            JSON.Member("id", .integer(user.id.number)),
            JSON.Member("first_name", .string(first)),
            JSON.Member("last_name", .string(last)),
            JSON.Member("username", .string(name)),
            JSON.Member("email", .string(email)),
            JSON.Member("last_activity", .string(user.lastActiveAt.iso8601)),
            JSON.Member("custom_hotkeys", hotkeys(of: person)),
            JSON.Member("avatar", person.isRemoved ? nil : avatarJSON(user.photo)),
            JSON.Member("initials", .string(person.isRemoved ? "DU" : user.initials)),
            JSON.Member("phone", .string(person.isRemoved ? "" : user.profile.phone)),
            JSON.Member("active_organization", .integer(member.organization.id)),
            JSON.Member(
                "active_organization_meta",
                ["title": .string(member.organization.title), "email": .string(owner?.text ?? "")]),
            JSON.Member("allow_newsletters", user.profile.allowsNewsletters.map(JSON.boolean) ?? nil),
            JSON.Member("date_joined", .string(user.createdAt.iso8601)),
        ]
    }

    func avatarJSON(_ photo: PhotoName?) -> JSON {
        photo.map { .string(photoURL($0)) } ?? nil
    }

    func userMembers(of person: Person) throws -> [JSON.Member] {
        userMembers(of: person, owner: try accounts.owner(of: person.member.organization))
    }

    /// Who is calling, with all that the API tells of him.
    ///
    /// - Throws: `Accounts.AccessEnded` if he is gone meanwhile.
    func person(of requester: Requester) throws -> Person {
        let member = requester.member
        guard let person = try accounts.person(member.user.id, in: member.organization) else {
            throw Accounts.AccessEnded()
        }
        return person
    }

    /// What was written is what this program has checked, or another one whose
    /// people were imported: then it may be anything.
    func hotkeys(of person: Person) -> JSON {
        guard let value = try? JSON(parsing: Array(person.hotkeys.utf8)), case .object = value else {
            return [:]
        }
        return value
    }
}

/// Which members of an object a client wants: `?include=id,email`, `?omit=phone`;
/// `fields` is another word for `include`.
struct KeySelection {
    private let included: Set<String>?
    private let omitted: Set<String>

    init(_ visit: Visit) {
        let wanted = visit.query["include"] ?? visit.query["fields"]
        included = wanted.map(Self.names)
        omitted = Self.names(visit.query["omit"] ?? "")
    }

    func apply(to members: [JSON.Member]) -> [JSON.Member] {
        members.filter { included?.contains($0.name) ?? true && !omitted.contains($0.name) }
    }

    private static func names(_ list: String) -> Set<String> {
        Set(list.split(separator: ",").map { trimmed(String($0)) })
    }
}

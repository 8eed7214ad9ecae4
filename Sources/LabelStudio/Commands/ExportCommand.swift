internal import Accounts
internal import HTTP

/// `label-studio export people`: people, their membership and the projects, as
/// a file on standard output. No secrets.
enum ExportCommand {
    static func run(_ configuration: Configuration, operands: [String]) throws -> Int32 {
        guard operands == ["people"] else {
            throw Service.Failure(
                line: "labels are exported by the labeling server, not here; "
                    + "people are exported by: label-studio export people --format json|csv")
        }
        let accounts = try Service.administered(configuration).accounts
        let organization = try accounts.organization()
        let people = try organization.map { try accounts.everybody(in: $0) } ?? []
        let projects = try organization.map { try accounts.allProjects(of: $0) } ?? []
        do {
            switch configuration.format ?? .json {
            case .json: try Terminal.write(Array((json(organization, people, projects) + "\n").utf8))
            case .csv: try Terminal.write(csv(people, projects))
            }
        } catch {
            throw Service.Failure(line: "\(error); the export is not complete")
        }
        return 0
    }

    private static func json(
        _ organization: Organization?, _ people: [Person], _ projects: [Project]
    ) -> String {
        let document: JSON = [
            "organization": organization.map { ["id": .integer($0.id), "title": .string($0.title)] } ?? nil,
            "people": .array(people.map { json($0) }),
            "projects": .array(
                projects.map { project in
                    [
                        "id": .integer(project.id.number), "title": .string(project.title),
                        "description": .string(project.description),
                        "site_address": optional(project.site?.text),
                        "created_by": optional(project.author?.text),
                        "created_at": .string(project.createdAt.iso8601),
                    ]
                }),
        ]
        return String(decoding: document.encoded, as: UTF8.self)
    }

    private static func json(_ person: Person) -> JSON {
        let user = person.member.user
        return [
            "id": .integer(user.id.number), "email": .string(user.email.text),
            "username": .string(user.username), "first_name": .string(user.profile.firstName),
            "last_name": .string(user.profile.lastName), "phone": .string(user.profile.phone),
            "allow_newsletters": user.profile.allowsNewsletters.map { .boolean($0) } ?? nil,
            "role": .string(person.member.role.rawValue), "state": .string(person.state),
            "joined_at": .string(person.member.joinedAt.iso8601),
            "deactivated_at": optional(person.member.deactivatedAt?.iso8601),
            "removed_at": optional(person.removedAt?.iso8601),
            "created_at": .string(user.createdAt.iso8601),
            "last_active_at": .string(user.lastActiveAt.iso8601),
        ]
    }

    private static func optional(_ text: String?) -> JSON {
        text.map { .string($0) } ?? .null
    }

    /// A line for each person; whose projects have no author, only JSON tells.
    private static func csv(_ people: [Person], _ projects: [Project]) -> [UInt8] {
        var bytes: [UInt8] = []
        CSV.append(
            [
                "id", "email", "username", "first_name", "last_name", "phone", "allow_newsletters", "role",
                "state",
                "joined_at", "deactivated_at", "removed_at", "created_at", "last_active_at", "projects",
            ], to: &bytes)
        let byAuthor = Dictionary(grouping: projects) { $0.author }
        for person in people {
            let user = person.member.user
            let own = (byAuthor[user.email] ?? []).map { "\($0.id.number) \($0.title)" }
            CSV.append(
                [
                    "\(user.id.number)", user.email.text, user.username, user.profile.firstName,
                    user.profile.lastName, user.profile.phone,
                    user.profile.allowsNewsletters.map { $0 ? "true" : "false" } ?? "",
                    person.member.role.rawValue, person.state, person.member.joinedAt.iso8601,
                    person.member.deactivatedAt?.iso8601 ?? "", person.removedAt?.iso8601 ?? "",
                    user.createdAt.iso8601, user.lastActiveAt.iso8601, own.joined(separator: "\n"),
                ], to: &bytes)
        }
        return bytes
    }
}

extension Person {
    var state: String {
        isRemoved ? "removed" : member.deactivatedAt != nil ? "deactivated" : "active"
    }
}

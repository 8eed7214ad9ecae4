internal import Accounts
internal import HTTP

extension Site {
    func listProjects(_ visit: Visit, _ requester: Requester) throws -> Response {
        let paging = try Paging(visit, standard: 30)
        let selection = KeySelection(visit)
        let (records, total) = try accounts.projectRecords(
            of: requester.member.organization, part: paging.part)
        let projects = records.map { JSON.object(selection.apply(to: projectMembers($0, requester))) }
        return json(.ok, paging.answer(projects, total: total, visit))
    }

    func getProject(_ visit: Visit, _ requester: Requester) throws -> Response {
        let record = try accounts.projectRecord(
            Project.ID(visit.numbers[0]), of: requester.member.organization)
        return try projectAnswer(.ok, record, requester)
    }

    func postProject(_ visit: Visit, _ requester: Requester) throws -> Response {
        var fields = try Fields(visit)
        let content = try projectContent(&fields, before: nil, visit)
        let id = try accounts.createProject(
            content.content, extraFields: content.extraFields, by: requester, from: client(of: visit))
        let record = try accounts.projectRecord(id, of: requester.member.organization)
        return try projectAnswer(.created, record, requester)
    }

    func patchProject(_ visit: Visit, _ requester: Requester) throws -> Response {
        var fields = try Fields(visit)
        let record = try accounts.editProject(
            Project.ID(visit.numbers[0]), by: requester, from: client(of: visit)
        ) { try projectContent(&fields, before: $0, visit) }
        return try projectAnswer(.ok, record, requester)
    }

    func removeProject(_ visit: Visit, _ requester: Requester) throws -> Response {
        let id = Project.ID(visit.numbers[0])
        guard try accounts.deleteProject(id, by: requester, from: client(of: visit)) else {
            throw APIFault.notFound("Project")
        }
        noteDeletion(of: id, by: requester.member, visit)
        return Response(.noContent)
    }

    private func projectAnswer(
        _ status: Status, _ record: ProjectRecord?, _ requester: Requester
    ) throws -> Response {
        guard let record else { throw APIFault.notFound("Project") }
        return json(status, .object(projectMembers(record, requester)))
    }

    /// What this program knows of a project, and then what clients keep with it.
    private func projectMembers(_ record: ProjectRecord, _ requester: Requester) -> [JSON.Member] {
        let project = record.project
        let author = record.author.map { author -> JSON in
            let (first, last, email) =
                author.isRemoved
                ? ("Deleted", "User", "Deleted")
                : (author.firstName, author.lastName, author.email.text)
            return [
                "id": .integer(author.id.number), "first_name": .string(first),
                "last_name": .string(last), "email": .string(email),
                "avatar": avatarJSON(author.isRemoved ? nil : author.photo),
            ]
        }
        return [
            JSON.Member("id", .integer(project.id.number)),
            JSON.Member("title", .string(project.title)),
            JSON.Member("description", .string(project.description)),
            JSON.Member("organization", .integer(requester.member.organization.id)),
            JSON.Member("created_by", author ?? nil),
            JSON.Member("created_at", .string(project.createdAt.iso8601)),
            JSON.Member("updated_at", .string(record.updatedAt.iso8601)),
            JSON.Member("site_address", project.site.map { .string($0.text) } ?? nil),
        ] + extraMembers(of: record)
    }

    private static let projectKeys: Set<String> = [
        "id", "title", "description", "organization", "created_by", "created_at", "updated_at",
        "site_address", FormTokens.fieldName,
    ]

    private func extraMembers(of record: ProjectRecord) -> [JSON.Member] {
        guard let extra = try? JSON(parsing: Array(record.extraFields.utf8)),
            case .object(let members) = extra
        else { return [] }
        // What somebody kept here before we had a meaning for it is ours now.
        return members.filter { !Self.projectKeys.contains($0.name) }
    }

    /// - Parameter before: the project as it is; nil: a new one.
    private func projectContent(
        _ fields: inout Fields, before: ProjectRecord?, _ visit: Visit
    ) throws -> (content: Project.Content, extraFields: String) {
        let title = fields.text(
            "title", limit: Project.Content.titleLimit, mayBeBlank: false, isRequired: before == nil)
        if fields["description"] == .null { fields.drop("description") }
        let description = fields.text("description", limit: Project.Content.descriptionLimit)
        let site = siteAddress(&fields, visit)
        let sent = fields.others(than: Self.projectKeys)
        let names = Set(sent.map(\.name))
        let kept = before.map { extraMembers(of: $0).filter { !names.contains($0.name) } } ?? []
        let extra = JSON.object(kept + sent).encoded
        if extra.count > ProjectRecord.extraFieldsLimit {
            fields.note(
                "non_field_errors",
                "Ensure that all other fields have no more than \(ProjectRecord.extraFieldsLimit) bytes.")
        }
        try fields.check()
        let content = Project.Content(
            checkedTitle: title ?? before?.project.title ?? "",
            checkedDescription: description ?? before?.project.description ?? "",
            site: site ?? before?.project.site)
        return (content, String(decoding: extra, as: UTF8.self))
    }

    /// - Returns: nil if it was not sent; the inner nil for none.
    private func siteAddress(_ fields: inout Fields, _ visit: Visit) -> SiteAddress?? {
        let name = "site_address"
        if fields[name] == .null { return .some(nil) }
        guard let text = fields.text(name, limit: SiteAddress.limit) else { return nil }
        do {
            return .some(try siteAddress(parsing: text, visit))
        } catch {
            fields.note(name, words(for: error, visit))
            return nil
        }
    }
}

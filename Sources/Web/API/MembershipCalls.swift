internal import Accounts
internal import HTTP

extension Site {
    /// Members and those who were removed, in the order of their user names.
    func listMemberships(_ visit: Visit, _ requester: Requester) throws -> Response {
        let organization = try organization(named: visit.numbers[0], requester)
        let paging = try Paging(visit, standard: 20, allowsAll: true)
        let wantsProjects = try flag("contributed_to_projects", visit)
        let owner = try accounts.owner(of: organization)
        let (people, total) = try accounts.everybody(in: organization, part: paging.part)
        let memberships = try people.map { person in
            let projects: JSON = wantsProjects ? try projectsMade(by: person) : nil
            let contributed: JSON = wantsProjects ? [] : nil
            let user =
                userMembers(of: person, owner: owner) + [
                    JSON.Member("created_projects", projects),
                    JSON.Member("contributed_to_projects", contributed),
                ]
            return JSON.object([
                JSON.Member("id", .integer(person.member.user.id.number)),
                JSON.Member("organization", .integer(organization.id)),
                JSON.Member("user", .object(user)),
                JSON.Member("created_projects", projects),
                JSON.Member("contributed_to_projects", contributed),
            ])
        }
        return json(.ok, paging.answer(memberships, total: total, visit))
    }

    func getMembership(_ visit: Visit, _ requester: Requester) throws -> Response {
        let organization = try organization(named: visit.numbers[0], requester)
        guard let person = try accounts.person(User.ID(visit.numbers[1]), in: organization) else {
            throw APIFault.notFound("OrganizationMember")
        }
        return json(
            .ok,
            [
                "user": .integer(person.member.user.id.number),
                "organization": .integer(organization.id),
                "contributed_projects_count": .integer(0),
                "annotations_count": .integer(0),
                "created_at": .string(person.member.joinedAt.iso8601),
                "created_projects": try projectsMade(by: person),
                "contributed_to_projects": [],
            ])
    }

    /// Puts a member out, as the page of a person does.
    func removeMembership(_ visit: Visit, _ requester: Requester) throws -> Response {
        let organization = try organization(named: visit.numbers[0], requester)
        let user = User.ID(visit.numbers[1])
        guard let person = try accounts.person(user, in: organization) else {
            throw APIFault.notFound("OrganizationMember")
        }
        guard !person.isRemoved else { throw APIFault(.notFound, "Member not found") }
        do {
            try accounts.remove(user, by: .requester(requester), from: client(of: visit))
        } catch Accounts.MembershipRefusal.yourself {
            return json(.methodNotAllowed, ["detail": "User cannot soft delete self"])
        } catch Accounts.MembershipRefusal.notPossible {
            throw APIFault(.notFound, "Member not found")
        }
        return Response(.noContent)
    }

    private func projectsMade(by person: Person) throws -> JSON {
        .array(
            try accounts.projects(madeBy: person.member.user.id).map {
                ["id": .integer($0.id.number), "title": .string($0.title)]
            })
    }

    /// A switch in the query; absent: off.
    private func flag(_ name: String, _ visit: Visit) throws -> Bool {
        guard let text = visit.query[name], !text.isEmpty else { return false }
        guard let flag = Fields.boolean(text) else {
            throw APIFault(problems: [(name, "Must be a valid boolean.")])
        }
        return flag
    }
}

internal import Accounts
internal import HTTP
internal import Templates

extension Site {
    func showOrganization(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let organization = visitor.member.organization
        let after = visit.query["after"].flatMap(Int64.init).map(User.ID.init)
        let people = try accounts.people(in: organization, after: after)
        let count = try accounts.memberCount(of: organization)

        var page = Page(.organization, title: sentence(.titleOrganization))
        page.values.set("ORGANIZATION_NAME", organization.title)
        page.values.set("MEMBER_COUNT", sentence(count == 1 ? .onePerson : .manyPeople, "\(count)"))
        for member in people.members {
            page.values.add(
                "PERSON", personValues(member, visit, visitor))
        }
        page.values.show("OWNER", if: visitor.member.role == .owner)
        if let next = people.next {
            page.values.set("NEXT_URL", visit.link("/organization/?after=\(next.number)"))
            page.values.add("NEXT")
        }
        if after != nil {
            page.values.set("FIRST_URL", visit.link("/organization/"))
            page.values.add("FIRST_PAGE")
        }
        return try render(page, visit)
    }

    private func personValues(_ member: Member, _ visit: Visit, _ visitor: Visitor) -> Values {
        var values = Values()
        values.set("PERSON_INITIALS", member.user.initials)
        add(member.user.photo, to: &values, visit)
        values.set("PERSON_NAME", member.user.displayName)
        values.set("PERSON_EMAIL", member.user.email.text)
        values.set("PERSON_ROLE", sentence(member.role == .owner ? .roleOwner : .roleMember))
        values.set("PERSON_JOINED", member.joinedAt.date)
        values.set("PERSON_JOINED_ISO", member.joinedAt.iso8601)
        values.set(
            "PERSON_ACTIVE", sentence(.instant, member.user.lastActiveAt.date, member.user.lastActiveAt.time))
        values.set("PERSON_ACTIVE_ISO", member.user.lastActiveAt.iso8601)
        values.show("YOU", if: member.user.id == visitor.member.user.id)
        values.show("DEACTIVATED", if: member.deactivatedAt != nil)
        if visitor.member.role == .owner {
            var managed = Values()
            managed.set("PERSON_URL", visit.link("/organization/people/\(member.user.id.number)/"))
            values.add("MANAGED", managed)
        } else {
            values.add("UNMANAGED")
        }
        return values
    }
}

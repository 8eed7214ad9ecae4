internal import Accounts
internal import HTTP
internal import Templates

extension Site {
    func showOrganization(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let organization = visitor.member.organization
        let query = PeopleQuery(visit.query)
        let listing = PeopleListing(of: organization, search: query.search, order: query.order)
        let people = try accounts.people(listing, from: query.bound)
        let count = try accounts.memberCount(of: organization)
        let isOwner = visitor.member.role == .owner

        var page = Page(.organization, title: sentence(.titleOrganization))
        page.values.set("ORGANIZATION_NAME", organization.title)
        page.values.set("MEMBER_COUNT", sentence(.peopleCount, "\(count)"))
        page.values.set("SEARCH_URL", visit.link("/organization/"))
        page.values.set("SEARCH", query.search)
        page.values.show("SEARCHABLE", if: count > Self.peopleWithoutSearch || !query.search.isEmpty)
        if let sort = PeopleQuery.text(of: query.order) {
            var values = Values()
            values.set("SORT", sort)
            page.values.add("SORTED_OTHERWISE", values)
        }
        addFindings(people, query, to: &page, visit)
        for column in PeopleListing.Column.allCases {
            page.values.add("COLUMN", columnValues(column, query, visit))
        }
        page.values.show("ACTS_COLUMN", if: isOwner)
        for member in people.members {
            page.values.add("PERSON", personValues(member, visit, visitor))
        }
        page.values.show("OWNER", if: isOwner)
        page.values.set("WELCOME_URL", welcomeAddress(visit))
        addPages(people, query, to: &page, visit)
        return try render(page, visit)
    }

    /// So many are seen at a glance.
    private static let peopleWithoutSearch = 6

    /// How many a search has found, and what to do if it found nobody.
    private func addFindings(
        _ people: PeopleListing.Page, _ query: PeopleQuery, to page: inout Page, _ visit: Visit
    ) {
        let found = people.members.count
        if found == 0, !query.isFirstPage {
            page.values.add("NOBODY_HERE")
            return
        }
        guard !query.search.isEmpty else { return }
        let isAll = people.previous == nil && people.next == nil
        let words: Sentence =
            switch found {
            case 0: .nobodyFound
            case _ where isAll: .peopleFound
            default: .manyPeopleFound
            }
        var values = Values()
        let number = isAll ? found : Accounts.peoplePageSize
        values.set("FOUND_TEXT", sentence(words, query.search, "\(number)"))
        page.values.add("FOUND", values)
    }

    private func columnValues(
        _ column: PeopleListing.Column, _ query: PeopleQuery, _ visit: Visit
    ) -> Values {
        var values = Values()
        let name: Sentence =
            switch column {
            case .name: .columnName
            case .email: .columnEmail
            case .role: .columnRole
            case .joined: .columnJoined
            case .active: .columnActive
            }
        values.set("COLUMN_NAME", sentence(name))
        values.set("COLUMN_URL", visit.link(query.path(query.order(after: column))))
        if query.order.column == column {
            values.add(query.order.direction == .ascending ? "ASCENDING" : "DESCENDING")
        }
        return values
    }

    private func addPages(
        _ people: PeopleListing.Page, _ query: PeopleQuery, to page: inout Page, _ visit: Visit
    ) {
        if !query.isFirstPage, people.previous != nil || people.members.isEmpty {
            page.values.set("FIRST_URL", visit.link(query.path(query.order)))
            page.values.add("FIRST_PAGE")
        }
        if let previous = people.previous {
            page.values.set("PREVIOUS_URL", visit.link(query.path(query.order, from: .before(previous))))
            page.values.add("PREVIOUS")
        }
        if let next = people.next {
            page.values.set("NEXT_URL", visit.link(query.path(query.order, from: .after(next))))
            page.values.add("NEXT")
        }
    }

    private func personValues(_ member: Member, _ visit: Visit, _ visitor: Visitor) -> Values {
        let lastActive = member.user.lastActiveAt
        var values = Values()
        values.set("PERSON_INITIALS", member.user.initials)
        add(member.user.photo, to: &values, visit)
        values.set("PERSON_NAME", member.user.displayName)
        values.set("PERSON_EMAIL", member.user.email.text)
        values.set("PERSON_ROLE", sentence(member.role == .owner ? .roleOwner : .roleMember))
        values.set("PERSON_JOINED", member.joinedAt.date)
        values.set("PERSON_JOINED_ISO", member.joinedAt.iso8601)
        values.set("PERSON_ACTIVE", timeAgo(lastActive))
        values.set("PERSON_ACTIVE_EXACTLY", sentence(.instant, lastActive.date, lastActive.time))
        values.set("PERSON_ACTIVE_ISO", lastActive.iso8601)
        values.show("YOU", if: member.user.id == visitor.member.user.id)
        values.show("DEACTIVATED", if: member.deactivatedAt != nil)
        guard visitor.member.role == .owner else {
            values.add("UNMANAGED")
            return values
        }
        let page = visit.link("/organization/people/\(member.user.id.number)/")
        var managed = Values()
        managed.set("PERSON_URL", page)
        values.add("MANAGED", managed)
        var cell = Values()
        let acts = acts(upon: member, visitor)
        if !acts.isEmpty {
            var menu = Values()
            for act in acts { menu.add("ACT", actValues(act, page)) }
            cell.add("ACTS", menu)
        }
        values.add("ACTS_CELL", cell)
        return values
    }
}

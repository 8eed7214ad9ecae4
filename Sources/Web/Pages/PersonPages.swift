internal import Accounts
internal import Enrollment
internal import HTTP
internal import Templates

/// What an owner can do with another person; the raw values stand in addresses
/// and name the sentences.
enum PersonAct: String, Sendable, CaseIterable {
    case makeOwner = "make-owner"
    case makeMember = "make-member"
    case endSessions = "log-out"
    case resetLink = "reset-link"
    case deactivate
    case reactivate
    case remove
    case restore

    /// What is said about it, and where.
    enum Part: String, Sendable, CaseIterable {
        case button, hint, question, text, notice
    }

    /// Whether it takes something away that does not come back by itself.
    var isGrave: Bool {
        self == .remove || self == .deactivate
    }
}

extension Site {
    /// A person, as owners see him: where he is logged in, and what can be done.
    func showPerson(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        guard let person = try person(visit, visitor) else { return errorPage(.notFound, visit) }
        var page = Page(.person, title: person.member.user.displayName)
        page.values.set("PERSON_NAME", person.member.user.displayName)
        page.values.set("PERSON_EMAIL", person.member.user.email.text)
        page.values.set("PERSON_ROLE", sentence(person.member.role == .owner ? .roleOwner : .roleMember))
        page.values.set("PERSON_JOINED", person.member.joinedAt.date)
        page.values.set(
            "PERSON_ACTIVE",
            sentence(
                .instant, person.member.user.lastActiveAt.date, person.member.user.lastActiveAt.time))
        page.values.show("DEACTIVATED", if: person.member.deactivatedAt != nil)
        page.values.show("REMOVED", if: person.isRemoved)
        page.values.show("YOU", if: person.member.user.id == visitor.member.user.id)
        for session in try accounts.sessions(of: person.member.user.id) {
            page.values.add("SESSION", sessionValues(session))
        }
        for act in person.isRemoved ? [.restore] : acts(upon: person.member, visitor) {
            page.values.add("ACT", actValues(act, visit.link("/organization/people/\(visit.numbers[0])/")))
        }
        try addLabelingAccount(of: person, to: &page, visit)
        return try render(page, visit)
    }

    /// Asks before an act.
    static func ask(_ act: PersonAct) -> @Sendable (Site) -> (Visit, Visitor) throws -> Response {
        { site in { try site.ask(act, $0, $1) } }
    }

    /// Does it.
    static func perform(_ act: PersonAct) -> @Sendable (Site) -> (Visit, Visitor) throws -> Response {
        { site in { try site.perform(act, $0, $1) } }
    }

    /// Who was removed or has left.
    func showRemovedPeople(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        var page = Page(.removedPeople, title: sentence(.titleRemovedPeople))
        let people = try accounts.removedPeople(of: visitor.member.organization)
        for removed in people {
            var values = Values()
            values.set("PERSON_NAME", removed.member.user.displayName)
            values.set("PERSON_EMAIL", removed.member.user.email.text)
            values.set("PERSON_REMOVED", removed.removedAt?.date ?? "")
            values.set("PERSON_URL", visit.link("/organization/people/\(removed.member.user.id.number)/"))
            page.values.add("PERSON", values)
        }
        page.values.show("NOBODY", if: people.isEmpty)
        return try render(page, visit)
    }

    private func ask(_ act: PersonAct, _ visit: Visit, _ visitor: Visitor) throws -> Response {
        guard let person = try person(visit, visitor) else { return errorPage(.notFound, visit) }
        let name = person.member.user.email.text
        var page = Page(.personQuestion, title: sentence(of: act, .button))
        page.values.set("HEADING", sentence(of: act, .question, name))
        page.values.set("TEXT", sentence(of: act, .text, name))
        page.values.set("BUTTON", sentence(of: act, .button))
        page.values.set("ACTION", visit.link("/organization/people/\(visit.numbers[0])/\(act.rawValue)"))
        page.values.set("CANCEL_URL", visit.link("/organization/people/\(visit.numbers[0])/"))
        page.values.show("GRAVE", if: act.isGrave)
        let isThere = try act == .remove && labelingServer?.known(person.member.user.id) != nil
        page.values.show("LABELING_SERVER", if: isThere)
        return try render(page, visit)
    }

    private func perform(_ act: PersonAct, _ visit: Visit, _ visitor: Visitor) throws -> Response {
        guard let person = try person(visit, visitor) else { return errorPage(.notFound, visit) }
        let user = person.member.user.id
        let owner = Accounts.Authority.requester(visitor.requester)
        let client = client(of: visit)
        do {
            switch act {
            case .makeOwner: try accounts.setRole(.owner, of: user, by: owner, from: client)
            case .makeMember: try accounts.setRole(.member, of: user, by: owner, from: client)
            case .endSessions: try accounts.endSessions(of: user, by: owner, from: client)
            case .deactivate: try accounts.deactivate(user, by: owner, from: client)
            case .reactivate: try accounts.reactivate(user, by: owner, from: client)
            case .remove: try accounts.remove(user, by: owner, from: client)
            case .restore: try accounts.restore(user, by: owner, from: client)
            case .resetLink:
                return try showSetPasswordLink(visit, visitor, person.member)
            }
        } catch let refusal as Accounts.MembershipRefusal {
            return refusal == .notOwner ? refusedRight(visit) : errorPage(.conflict, visit)
        }
        let page = "/organization/people/\(visit.numbers[0])/"
        let isWanted = try act == .remove && visit.form["labeling_server"] == "true"
        let done = try isWanted ? removeFromLabelingServer(user, visit, visitor).rawValue : act.rawValue
        return redirect(to: visit.link("\(page)?done=\(done)"))
    }

    /// The link is shown once: the database holds only its hash, so that no
    /// redirect could lead to it.
    private func showSetPasswordLink(
        _ visit: Visit, _ visitor: Visitor, _ member: Member
    ) throws -> Response {
        let token = try accounts.makeSetPasswordLink(
            for: member.user.id, by: .requester(visitor.requester), from: client(of: visit))
        var page = Page(.setPasswordLink, title: sentence(of: .resetLink, .button))
        page.values.set("LINK", setPasswordURL(token, visit))
        page.values.set("PERSON_EMAIL", member.user.email.text)
        page.values.set("PERSON_URL", visit.link("/organization/people/\(visit.numbers[0])/"))
        page.values.show("LOCAL_HOST", if: visit.address.isLocal)
        return try render(page, visit)
    }

    func person(_ visit: Visit, _ visitor: Visitor) throws -> Person? {
        try accounts.person(User.ID(visit.numbers[0]), in: visitor.member.organization)
    }

    /// What an owner can do with a member; with himself, nothing here.
    func acts(upon member: Member, _ visitor: Visitor) -> [PersonAct] {
        if member.user.id == visitor.member.user.id { return [] }
        if member.deactivatedAt != nil { return [.reactivate, .remove] }
        return [
            .resetLink, .endSessions, member.role == .owner ? .makeMember : .makeOwner, .deactivate, .remove,
        ]
    }

    /// A link to the question before an act.
    ///
    /// - Parameter page: the address of the page of the person.
    func actValues(_ act: PersonAct, _ page: String) -> Values {
        var values = Values()
        values.set("ACT_URL", page + act.rawValue)
        values.set("ACT_BUTTON", sentence(of: act, .button))
        values.set("ACT_HINT", sentence(of: act, .hint))
        values.show("GRAVE", if: act.isGrave)
        return values
    }
}

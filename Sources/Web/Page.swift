internal import Accounts
internal import HTTP
internal import Photos
internal import Templates

/// The templates of the site, one for each page.
public enum PageName: String, Sendable, CaseIterable {
    case signUp = "signup"
    case logIn = "login"
    case logOut = "logout"
    case invitationNeeded = "invitation-needed"
    case invitationRefused = "invitation-refused"
    case setupNeeded = "setup-needed"
    case alreadyMember = "already-member"
    case home
    case project
    case projectForm = "project-form"
    case projectDelete = "project-delete"
    case siteEntrance = "site-entrance"
    case siteRefused = "site-refused"
    case organization
    case rename
    case invite
    case inviteReset = "invite-reset"
    case inviteLimits = "invite-limits"
    case account
    case tokenReset = "token-reset"
    case accessToken = "access-token"
    case accessTokenRevoke = "access-token-revoke"
    case access
    case sessionsEnd = "sessions-end"
    case sessions
    case activity
    case leaving
    case setPassword = "set-password"
    case passwordSet = "password-set"
    case setPasswordLink = "set-password-link"
    case person
    case personQuestion = "person-question"
    case removedPeople = "removed-people"
    case audit
    case apiDocs = "api-docs"
    case enter
    case error

    /// Whether it has a form for visitors who are not logged in; for those who
    /// are, the menu of every page holds one.
    var hasForm: Bool {
        self == .signUp || self == .logIn || self == .setPassword
    }
}

/// A page that a handler has put together; `Site.render` makes a response of it.
struct Page {
    let name: PageName
    let title: String
    var status = Status.ok
    var values = Values()
    /// Set if the page is a form that was refused.
    var hasProblems = false

    init(_ name: PageName, title: String, status: Status = .ok) {
        self.name = name
        self.title = title
        self.status = status
    }
}

extension Site {
    func sentence(_ sentence: Sentence, _ arguments: String...) -> String {
        messages.sentence(sentence.rawValue, arguments)
    }

    func render(_ page: Page, _ visit: Visit) throws -> Response {
        let cookies = Cookies(header: visit.request.header.cookie)
        let session = visit.visitor?.sessionID
        let known = cookies[FormTokens.cookieName].flatMap { formTokens.token(cookie: $0, session: session) }
        let token = known ?? formTokens.make(session: session, randomness: randomness)

        var layout = layout(page, visit)
        layout.set("CSRF", token.masked(randomness))
        if let appearance = Appearance(cookies) {
            var chosen = Values()
            chosen.set("APPEARANCE", appearance.rawValue)
            layout.add("APPEARANCE_CHOSEN", chosen)
        }
        if page.status.rawValue >= 400, !page.hasProblems {
            var values = Values()
            values.set("REFERENCE_ID", reference(of: visit))
            layout.add("REFERENCE", values)
        }
        let body = try templates.render(
            page.name, isSiteHost: visit.address.isSiteHost, layout, page.values)

        var response = Response(page.status, body: body)
        response.add(Self.pageFields)
        if known == nil, session != nil || page.name.hasForm { addFormCookie(token, to: &response, visit) }
        return response
    }

    private static let pageFields: HeaderFields = {
        var fields = HeaderFields()
        fields.add("Content-Type", "text/html; charset=utf-8")
        return fields
    }()

    private func layout(_ page: Page, _ visit: Visit) -> Values {
        var values = Values()
        values.set("TITLE", page.title)
        values.show("ERROR_TITLE", if: page.hasProblems)
        // The menu is for the host with our pages.
        if let member = visit.visitor?.member, !visit.address.isSiteHost {
            values.set("ORGANIZATION", member.organization.title)
            var person = Values()
            person.set("PERSON", member.user.displayName)
            person.set("INITIALS", member.user.initials)
            add(member.user.photo, to: &person, visit)
            values.add("SIGNED_IN", person)
        } else {
            values.set("ORGANIZATION", visit.standing?.organization?.title ?? sentence(.productName))
            values.add("SIGNED_OUT")
        }
        // For members, on its own page: a link from elsewhere cannot make the
        // site say something.
        if visit.visitor != nil, page.status == .ok, let done = visit.query["done"],
            let words = noticeWords(done, on: page.name)
        {
            var text = Values()
            text.set("NOTICE_TEXT", words)
            values.add("NOTICE", text)
        }
        return values
    }
}

extension Site {
    /// Shows the photo of a person in front of the initials, if there is one.
    func add(_ photo: PhotoName?, to values: inout Values, _ visit: Visit) {
        guard let photo else { return }
        var picture = Values()
        picture.set("PHOTO_URL", photoURL(photo, visit))
        values.add("PHOTO", picture)
    }
}

extension Site {
    /// What a page says was done; nil if that is not for this page.
    private func noticeWords(_ done: String, on page: PageName) -> String? {
        if let notice = Notice(rawValue: done), notice.page == page { return sentence(notice.sentence) }
        if page == .person, let act = PersonAct(rawValue: done) { return sentence(of: act, .notice) }
        return nil
    }
}

/// What the page after a redirect says was done.
enum Notice: String {
    case profileSaved = "saved"
    case passwordChanged = "password"
    case tokenReset = "token"
    case invitationReset = "link"
    case invitationLimited = "limits"
    case organizationRenamed = "renamed"
    case projectDeleted = "deleted"
    case emailChanged = "email"
    case photoSaved = "photo"
    case photoRemoved = "photo-removed"
    case sessionEnded = "session"
    case otherSessionsEnded = "sessions"
    case accessTokenRevoked = "access-token"
    case tokenSettings = "api-tokens"
    case everybodyLoggedOut = "logged-out"
    case labelingAccountConfirmed = "confirmed"
    case labelingAccountSeparated = "separated"
    case removedFromLabelingServer = "removed-there"
    case notInLabelingServer = "removed-not-there"
    case neededInLabelingServer = "removed-needed"
    case labelingServerFailed = "removed-failed"

    var page: PageName {
        switch self {
        case .profileSaved, .passwordChanged, .tokenReset, .emailChanged, .photoSaved, .photoRemoved,
            .accessTokenRevoked:
            .account
        case .tokenSettings, .everybodyLoggedOut: .access
        case .labelingAccountConfirmed, .labelingAccountSeparated, .removedFromLabelingServer,
            .notInLabelingServer, .neededInLabelingServer, .labelingServerFailed:
            .person
        case .sessionEnded, .otherSessionsEnded: .sessions
        case .invitationReset, .invitationLimited: .invite
        case .organizationRenamed: .organization
        case .projectDeleted: .home
        }
    }

    var sentence: Sentence {
        switch self {
        case .profileSaved: .noticeProfileSaved
        case .passwordChanged: .noticePasswordChanged
        case .tokenReset: .noticeTokenReset
        case .invitationReset: .noticeInvitationReset
        case .invitationLimited: .noticeInvitationLimited
        case .organizationRenamed: .noticeOrganizationRenamed
        case .projectDeleted: .noticeProjectDeleted
        case .emailChanged: .noticeEmailChanged
        case .photoSaved: .noticePhotoSaved
        case .photoRemoved: .noticePhotoRemoved
        case .sessionEnded: .noticeSessionEnded
        case .otherSessionsEnded: .noticeOtherSessionsEnded
        case .accessTokenRevoked: .noticeAccessTokenRevoked
        case .tokenSettings: .noticeTokenSettings
        case .everybodyLoggedOut: .noticeEverybodyLoggedOut
        case .labelingAccountConfirmed: .noticeLabelingAccountConfirmed
        case .labelingAccountSeparated: .noticeLabelingAccountSeparated
        case .removedFromLabelingServer: .noticeRemovedFromLabelingServer
        case .notInLabelingServer: .noticeNotInLabelingServer
        case .neededInLabelingServer: .noticeNeededInLabelingServer
        case .labelingServerFailed: .noticeLabelingServerFailed
        }
    }
}

/// A field of a form that has to be filled in differently.
struct FieldProblem {
    /// The id of the input element.
    let field: String
    /// The section of the template beside the field; nil if there is none.
    let section: StaticString?
    let message: String
}

extension Page {
    /// Shows problems twice: in a summary at the top, and at each field.
    mutating func add(_ problems: [FieldProblem]) {
        guard !problems.isEmpty else { return }
        hasProblems = true
        var summary = Values()
        for problem in problems {
            var item = Values()
            item.set("FIELD_ID", problem.field)
            item.set("MESSAGE", problem.message)
            summary.add("PROBLEM", item)
            if let section = problem.section { values.add(section, item) }
        }
        values.add("PROBLEMS", summary)
    }
}

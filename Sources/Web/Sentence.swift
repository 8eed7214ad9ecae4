internal import Accounts
internal import Templates

/// The names of the sentences in `templates/messages.txt`. Every sentence that
/// a person reads stands there or in a template.
public enum Sentence: String, Sendable, CaseIterable {
    case productName = "product"

    case titleSignUp = "title.sign-up"
    case titleFirstSignUp = "title.first-sign-up"
    case titleJoin = "title.join"
    case titleSetupNeeded = "title.setup-needed"
    case titleInvitationNeeded = "title.invitation-needed"
    case titleInvitationRefused = "title.invitation-refused"
    case titleAlreadyMember = "title.already-member"
    case titleLogIn = "title.log-in"
    case titleLogOut = "title.log-out"
    case titleLoggedOut = "title.logged-out"
    case titleHome = "title.home"
    case titleNewProject = "title.new-project"
    case titleEditProject = "title.edit-project"
    case titleDeleteProject = "title.delete-project"
    case titleOrganization = "title.organization"
    case titleInvite = "title.invite"
    case titleInviteReset = "title.invite-reset"
    case titleAccount = "title.account"
    case titleTokenReset = "title.token-reset"
    case titleAccessToken = "title.access-token"
    case titleAccessTokenRevoke = "title.access-token-revoke"
    case titleAccess = "title.access"
    case titleSessionsEnd = "title.sessions-end"
    case titleSessions = "title.sessions"
    case titleActivity = "title.activity"
    case titleLeave = "title.leave"
    case titleDeleteAccount = "title.delete-account"
    case titleSetPassword = "title.set-password"
    case titlePasswordSet = "title.password-set"
    case titleRemovedPeople = "title.removed-people"
    case titleAPIDocs = "title.api-docs"
    case titleAudit = "title.audit"

    case createProject = "button.create-project"
    case saveProject = "button.save-project"
    case roleOwner = "role.owner"
    case roleMember = "role.member"
    case onePerson = "people.one"
    case manyPeople = "people.many"
    case instant
    case unknownBrowser = "session.unknown-browser"
    case unknownSystem = "session.unknown-system"
    case unknownAddress = "session.unknown-address"
    case resetByOperator = "invite.reset-by-operator"

    case noticeProfileSaved = "notice.profile-saved"
    case noticePasswordChanged = "notice.password-changed"
    case noticeTokenReset = "notice.token-reset"
    case noticeInvitationReset = "notice.invitation-reset"
    case noticeProjectDeleted = "notice.project-deleted"
    case noticeEmailChanged = "notice.email-changed"
    case noticePhotoSaved = "notice.photo-saved"
    case noticePhotoRemoved = "notice.photo-removed"
    case noticeSessionEnded = "notice.session-ended"
    case noticeOtherSessionsEnded = "notice.other-sessions-ended"
    case noticeAccessTokenRevoked = "notice.access-token-revoked"
    case noticeTokenSettings = "notice.token-settings"
    case noticeEverybodyLoggedOut = "notice.everybody-logged-out"

    case emailMissing = "email.missing"
    case emailMalformed = "email.malformed"
    case emailTooLong = "email.too-long"
    case emailTaken = "email.taken"
    case passwordMissing = "password.missing"
    case passwordTooShort = "password.too-short"
    case passwordTooLong = "password.too-long"
    case passwordContainsNUL = "password.nul"
    case passwordAboutYou = "password.weak.about-you"
    case passwordCommon = "password.weak.common"
    case passwordCommonWords = "password.weak.common-words"
    case passwordRepeated = "password.weak.repeated"
    case passwordSequence = "password.weak.sequence"
    case passwordKeyboard = "password.weak.keyboard"
    case passwordDate = "password.weak.date"
    case passwordGuessable = "password.weak.guessable"
    case passwordSame = "password.same"
    case currentPasswordWrong = "password.current-wrong"
    case logInRefused = "log-in.refused"
    case removed = "log-in.removed"
    case deactivated = "log-in.deactivated"
    case otherEmailTaken = "email.other-taken"
    case typeOwnEmail = "leaving.type-email"
    case lastOwner = "leaving.last-owner"
    case tooManyTries = "limit.too-many-tries"
    case oneSecond = "limit.one-second"
    case manySeconds = "limit.seconds"
    case manyMinutes = "limit.minutes"
    case dateMalformed = "audit.date-malformed"
    case fieldTooLong = "field.too-long"
    case fieldContainsNUL = "field.nul"
    case photoMissing = "photo.missing"
    case photoTooLong = "photo.too-long"
    case photoTooLarge = "photo.too-large"
    case photoUnknownFormat = "photo.unknown-format"
    case photoBroken = "photo.broken"
    case projectTitleMissing = "project.title-missing"
    case projectTitleTooLong = "project.title-too-long"
    case projectDescriptionTooLong = "project.description-too-long"

    case foreignRequestHeading = "foreign-request.heading"
    case foreignRequestText = "foreign-request.text"
    case error400Heading = "error.400.heading"
    case error400Text = "error.400.text"
    case error400Advice = "error.400.advice"
    case error403Heading = "error.403.heading"
    case error403Text = "error.403.text"
    case error403Advice = "error.403.advice"
    case error404Heading = "error.404.heading"
    case error404Text = "error.404.text"
    case error404Advice = "error.404.advice"
    case error405Heading = "error.405.heading"
    case error405Text = "error.405.text"
    case error405Advice = "error.405.advice"
    case passwordLinkHeading = "password-link.heading"
    case passwordLinkText = "password-link.text"
    case passwordLinkAdvice = "password-link.advice"
    case error409Heading = "error.409.heading"
    case error409Text = "error.409.text"
    case error409Advice = "error.409.advice"
    case error410Heading = "error.410.heading"
    case error410Text = "error.410.text"
    case error410Advice = "error.410.advice"
    case error413Heading = "error.413.heading"
    case error413Text = "error.413.text"
    case error413Advice = "error.413.advice"
    case error422Heading = "error.422.heading"
    case error422Text = "error.422.text"
    case error422Advice = "error.422.advice"
    case error429Heading = "error.429.heading"
    case error429Text = "error.429.text"
    case error429Advice = "error.429.advice"
    case error500Heading = "error.500.heading"
    case error500Text = "error.500.text"
    case error500Advice = "error.500.advice"
    case error503Heading = "error.503.heading"
    case error503Text = "error.503.text"
    case error503Advice = "error.503.advice"
    case storageHeading = "error.storage.heading"
    case storageText = "error.storage.text"
    case storageAdvice = "error.storage.advice"
}

extension Sentence {
    /// All names that `templates/messages.txt` has to hold: these, one for each
    /// kind of event, and those of each act upon a person.
    public static var names: [String] {
        allCases.map(\.rawValue) + AuditEvent.Action.allCases.map { name(of: $0) }
            + PersonAct.allCases.flatMap { act in PersonAct.Part.allCases.map { name(of: act, $0) } }
    }

    static func name(of action: AuditEvent.Action) -> String {
        "audit.\(action.rawValue)"
    }

    static func name(of act: PersonAct, _ part: PersonAct.Part) -> String {
        "person.\(act.rawValue).\(part.rawValue)"
    }
}

extension Site {
    func sentence(of action: AuditEvent.Action) -> String {
        messages.sentence(Sentence.name(of: action))
    }

    func sentence(of act: PersonAct, _ part: PersonAct.Part, _ arguments: String...) -> String {
        messages.sentence(Sentence.name(of: act, part), arguments)
    }
}

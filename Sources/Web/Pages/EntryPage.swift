internal import Accounts
internal import Enrollment
internal import HTTP
internal import Templates
internal import Upstream

/// The way into the labeling server behind the gate: whoever comes for the first time
/// gets an account there, and whoever it refuses is told why. Most people see no more
/// of it than a redirect.
extension Site {
    func enterLabelingServer(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try withLabelingServer(visit) { labelingServer in
            let user = visitor.member.user.id
            if let known = try labelingServer.known(user) {
                // It has sent him to its log-in page, which nginx turned into this one.
                return try answer(labelingServer.admission(of: known), visit)
            }
            switch try labelingServer.enter(user, from: client(of: visit)) {
            case .paired: return redirect(to: Next.destination(visit))
            case .toBeConfirmed: return try render(entryForm(visit, visitor, .confirm), visit)
            case .refused(let refusal): return try answer(refusal, visit, visitor)
            case .busy: return unavailable(.serviceUnavailable, .busy, visit)
            case .notAdded: return unavailable(.serviceUnavailable, .notAdded, visit)
            case .elsewhere(let address): return elsewhere(address, visit)
            case .otherDatabase: return unavailable(.badGateway, .otherDatabase, visit)
            }
        }
    }

    /// He has an account there, and shows it by its password.
    func showPasswordThere(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try withLabelingServer(visit) { labelingServer in
            let form = try visit.form
            let typed = form["email"] ?? ""
            let page = entryForm(visit, visitor, .confirm, email: typed)
            let email: EmailAddress
            do {
                email = try EmailAddress(parsing: typed)
            } catch let problem as EmailAddress.Problem {
                return try refuse(page, message(for: problem), visit)
            }
            switch try beginEntry(email, visit) {
            case .wait(let seconds):
                return try tooManyTries(seconds, page, field: Self.entryField, visit)
            case .allowed(let attempt):
                let outcome = try undoing(attempt, unless: { _ in false }) {
                    try labelingServer.pair(
                        visitor.member.user.id, email: email, password: form["password"] ?? "",
                        from: client(of: visit))
                }
                if outcome != .wrongPassword { succeed(attempt) }
                return try answer(outcome, page, visit, visitor)
            }
        }
    }

    private static let entryField = "entry-email"

    private func answer(
        _ outcome: Enroller.Pairing, _ page: Page, _ visit: Visit, _ visitor: Visitor
    ) throws -> Response {
        switch outcome {
        case .paired: redirect(to: Next.destination(visit))
        case .wrongPassword: try refuse(page, sentence(.entryRefused), visit)
        case .taken: try refuse(page, sentence(.entryTaken), visit)
        case .pairedWith: redirect(to: visit.link("/-/accounts/enter"))
        case .notAdded: unavailable(.serviceUnavailable, .notAdded, visit)
        case .refused(let refusal): try answer(refusal, visit, visitor)
        case .elsewhere(let address): elsewhere(address, visit)
        case .otherDatabase: unavailable(.badGateway, .otherDatabase, visit)
        }
    }

    private func answer(_ admission: Enroller.Admission, _ visit: Visit) -> Response {
        switch admission {
        case .fine: return redirect(to: Next.destination(visit))
        case .wrongKey: return unavailable(.wrongKey, visit)
        case .unknown, .withoutOrganization: return unavailable(.forbidden, .notLetIn, visit)
        }
    }

    /// An owner came first of all, and it could not be added.
    private func answer(
        _ refusal: Enroller.AdditionRefusal, _ visit: Visit, _ visitor: Visitor
    ) throws -> Response {
        switch refusal {
        case .ownerIsThere: return try render(entryForm(visit, visitor, .ownerIsThere), visit)
        case .closed: return try render(entryForm(visit, visitor, .closed), visit)
        case .nobody, .nobodyIsLetIn: return unavailable(.forbidden, .notLetIn, visit)
        case .withoutOrganization:
            return try refuse(
                entryForm(visit, visitor, .ownerIsThere), sentence(.entryWithoutOrganization), visit)
        case .present, .noOwner, .busy: return unavailable(.serviceUnavailable, .busy, visit)
        }
    }

    /// Runs what asks the labeling server, and says what it failed by.
    private func withLabelingServer(
        _ visit: Visit, _ body: (Enroller) throws -> Response
    ) throws -> Response {
        guard let labelingServer else { return errorPage(.notFound, visit) }
        do {
            return try body(labelingServer)
        } catch let failure as UpstreamFailure {
            return unavailable(failure, visit)
        } catch Accounts.PairRefusal.notMember {
            throw Accounts.AccessEnded()
        } catch let refusal as Accounts.PairRefusal {
            noteLabelingServer(refusal, visit)
            return unavailable(.conflict, .taken, visit)
        }
    }

    private func refuse(_ page: Page, _ message: String, _ visit: Visit) throws -> Response {
        var page = page
        page.status = .unprocessable
        page.add([FieldProblem(field: Self.entryField, section: nil, message: message)])
        return try render(page, visit)
    }

    private func unavailable(_ failure: UpstreamFailure, _ visit: Visit) -> Response {
        noteLabelingServer(failure, visit)
        let (status, words) = ErrorWords.of(failure)
        return unavailable(status, words, visit)
    }

    private func unavailable(_ status: Status, _ words: ErrorWords, _ visit: Visit) -> Response {
        // What is asked for may not have been done: it is asked for from the beginning.
        let again = entry(then: Next.destination(visit), visit)
        var response = errorPage(status, visit, words: words, again: again)
        if status == .serviceUnavailable { response.add("Retry-After", "5") }
        return response
    }

    private func elsewhere(_ address: String, _ visit: Visit) -> Response {
        note(.error, "labeling-server-elsewhere", visit, [("added", address)])
        return unavailable(.badGateway, .elsewhere, visit)
    }
}

/// Why somebody is asked for the password that he has there.
private enum EntryReason {
    /// His address has an account there.
    case confirm
    /// The same, and he is the owner who comes first.
    case ownerIsThere
    /// Nobody gets an account there without a link, and there is no link yet.
    case closed

    var words: (heading: Sentence, text: Sentence) {
        switch self {
        case .confirm: (.entryConfirmHeading, .entryConfirmText)
        case .ownerIsThere: (.entryOwnerIsThereHeading, .entryOwnerIsThereText)
        case .closed: (.entryClosedHeading, .entryClosedText)
        }
    }
}

extension Site {
    private func entryForm(
        _ visit: Visit, _ visitor: Visitor, _ reason: EntryReason, email: String? = nil
    ) -> Page {
        let own = visitor.member.user.email.text
        var page = Page(.enter, title: sentence(.titleEntry))
        page.values.set("HEADING", sentence(reason.words.heading))
        page.values.set("TEXT", sentence(reason.words.text, own))
        page.values.set("EMAIL", email ?? own)
        page.values.set("ACTION", entry(then: Next.destination(visit), visit))
        page.values.show("MEMBER", if: visitor.member.role != .owner)
        return page
    }
}

extension ErrorWords {
    fileprivate static let busy = ErrorWords(.entryBusyHeading, .entryBusyText, .entryBusyAdvice)
    fileprivate static let notAdded = ErrorWords(
        .entryNotAddedHeading, .entryNotAddedText, .entryNotAddedAdvice)
    fileprivate static let elsewhere = ErrorWords(
        .entryElsewhereHeading, .entryElsewhereText, .entryElsewhereAdvice)
    fileprivate static let otherDatabase = ErrorWords(
        .entryOtherDatabaseHeading, .entryOtherDatabaseText, .entryOtherDatabaseAdvice)
    fileprivate static let taken = ErrorWords(
        .entryPairRefusedHeading, .entryPairRefusedText, .entryPairRefusedAdvice)
    fileprivate static let notLetIn = ErrorWords(
        .entryNotLetInHeading, .entryNotLetInText, .entryNotLetInAdvice)

    /// 503 if it may pass by itself, 502 if somebody has to do something.
    fileprivate static func of(_ failure: UpstreamFailure) -> (Status, ErrorWords) {
        switch failure {
        case .unreachable:
            (
                .serviceUnavailable,
                ErrorWords(.entryUnreachableHeading, .entryUnreachableText, .entryUnreachableAdvice)
            )
        case .slow:
            (.serviceUnavailable, ErrorWords(.entrySlowHeading, .entrySlowText, .entrySlowAdvice))
        case .wrongKey:
            (.badGateway, ErrorWords(.entryWrongKeyHeading, .entryWrongKeyText, .entryWrongKeyAdvice))
        case .unknownUser, .emailTaken, .signUpRefused:
            (.badGateway, ErrorWords(.entryNoAccountHeading, .entryNoAccountText, .entryNoAccountAdvice))
        case .unexpected:
            (
                .badGateway,
                ErrorWords(.entryUnexpectedHeading, .entryUnexpectedText, .entryUnexpectedAdvice)
            )
        }
    }
}

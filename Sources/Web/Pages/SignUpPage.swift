internal import Accounts
internal import HTTP
internal import Templates

extension Site {
    func showSignUp(_ visit: Visit) throws -> Response {
        if let visitor = visit.visitor {
            return hasToken(visit)
                ? try showAlreadyMember(visit, visitor) : redirect(to: Next.destination(visit))
        }
        return try admitting(visit) { admission in
            if case .invited = admission { figures.count(Figures.InvitationUse.opened) }
            return try render(signUpForm(visit, admission), visit)
        }
    }

    func signUp(_ visit: Visit) throws -> Response {
        if visit.visitor != nil { return redirect(to: Next.destination(visit)) }
        return try admitting(visit) { admission in
            let form = try visit.form
            let (email, password, problems) = signUpFields(form, admission)
            guard let email, let password else {
                figures.count(Figures.SignUpOutcome.invalid)
                return try render(signUpForm(visit, admission, form, problems), visit)
            }
            return try signUp(visit, admission, form, email, password)
        }
    }

    private func signUp(
        _ visit: Visit, _ admission: Admission, _ form: Form, _ email: EmailAddress, _ password: Password
    ) throws -> Response {
        switch try beginSignUp(admission, visit) {
        case .wait(let seconds):
            figures.count(Figures.SignUpOutcome.throttled)
            return try tooManyTries(
                seconds, signUpForm(visit, admission, form), field: "signup-email", visit)
        case .allowed(let attempt):
            do {
                let session = try undoing(attempt, unless: { $0 is Accounts.EmailTaken }) {
                    try accounts.signUp(
                        email: email, password: password, token: visit.query["token"],
                        allowsNewsletters: (form["allow_newsletters"] ?? "false") != "false",
                        from: client(of: visit))
                }
                // Whoever has the link may bring a whole class along.
                if case .open = admission {} else { succeed(attempt) }
                figures.count(Figures.SignUpOutcome.succeeded)
                if case .invited = admission { figures.count(Figures.InvitationUse.joined) }
                var response = redirect(to: firstPage(visit))
                addSessionCookie(session, to: &response, visit)
                try addKnownBrowserCookie(email, to: &response, visit)
                return response
            } catch is Accounts.EmailTaken {
                figures.count(Figures.SignUpOutcome.emailTaken)
                let taken = FieldProblem(
                    field: "signup-email", section: "EMAIL_PROBLEM", message: sentence(.emailTaken))
                return try render(signUpForm(visit, admission, form, [taken]), visit)
            }
        }
    }

    /// Finds out what the visitor may do with the link he has, if he has one,
    /// and goes on; or says why he may not.
    private func admitting(_ visit: Visit, _ proceed: (Admission) throws -> Response) throws -> Response {
        let attempt: Attempt?
        switch try hasToken(visit) ? beginLink(visit) : nil {
        case .wait(let seconds): return tooManyTries(seconds, visit)
        case .allowed(let begun): attempt = begun
        case nil: attempt = nil
        }
        do {
            let admission = try undoing(attempt, unless: { ($0 as? Admission.Refusal)?.isGuess ?? false }) {
                try accounts.admission(token: visit.query["token"])
            }
            if let attempt { succeed(attempt) }
            return try proceed(admission)
        } catch let refusal as Admission.Refusal {
            if visit.request.method == .post {
                figures.count(Figures.SignUpOutcome.notAdmitted)
                note(
                    .warning, "sign-up-refused", visit,
                    [("reason", "\(refusal)"), ("reference", reference(of: visit))])
            }
            return try render(refusalPage(refusal, visit), visit)
        }
    }

    private func signUpFields(
        _ form: Form, _ admission: Admission
    ) -> (EmailAddress?, Password?, [FieldProblem]) {
        var problems: [FieldProblem] = []
        var email: EmailAddress?
        var password: Password?
        do {
            email = try EmailAddress(parsing: form["email"] ?? "")
        } catch {
            problems.append(
                FieldProblem(field: "signup-email", section: "EMAIL_PROBLEM", message: message(for: error)))
        }
        do {
            password = try Password(
                new: form["password"] ?? "", minimum: accounts.rules.passwordMinimum,
                knowing: [email?.text ?? "", admission.organization?.title ?? ""])
        } catch {
            problems.append(
                FieldProblem(
                    field: "signup-new-password", section: "PASSWORD_PROBLEM", message: message(for: error)))
        }
        return (email, password, problems)
    }

    private func signUpForm(
        _ visit: Visit, _ admission: Admission, _ form: Form? = nil, _ problems: [FieldProblem] = []
    ) -> Page {
        var page: Page
        switch admission {
        case .first:
            page = Page(.signUp, title: sentence(.titleFirstSignUp))
            page.values.add("FIRST")
        case .open:
            page = Page(.signUp, title: sentence(.titleSignUp))
            page.values.add("OPEN")
        case .invited(let organization):
            page = Page(.signUp, title: sentence(.titleJoin, organization.title))
            page.values.set("ORGANIZATION_NAME", organization.title)
            page.values.add("INVITED")
        }
        if form != nil { page.status = .unprocessable }
        page.add(problems)
        page.values.set("ACTION", visit.link("/user/signup/" + sameQuery(visit)))
        page.values.set("LOGIN_URL", visit.link("/user/login/" + sameQuery(visit)))
        page.values.set("EMAIL", form?["email"] ?? "")
        page.values.set("PASSWORD_MINIMUM", "\(accounts.rules.passwordMinimum)")
        return page
    }

    private func refusalPage(_ refusal: Admission.Refusal, _ visit: Visit) -> Page {
        var page: Page
        switch refusal {
        case .setupNeeded:
            page = Page(.setupNeeded, title: sentence(.titleSetupNeeded), status: .forbidden)
        case .setupDone:
            page = messagePage(.gone, visit)
        case .invitationNeeded:
            page = Page(.invitationNeeded, title: sentence(.titleInvitationNeeded), status: .forbidden)
        case .invitationRefused, .invitationExpired, .invitationUsedUp:
            page = Page(.invitationRefused, title: sentence(.titleInvitationRefused), status: .forbidden)
            page.values.show("MISTYPED", if: refusal == .invitationRefused)
            page.values.show("EXPIRED", if: refusal == .invitationExpired)
            page.values.show("USED_UP", if: refusal == .invitationUsedUp)
            page.values.set("SIGNUP_URL", visit.link("/user/signup/"))
            page.values.show("SIGN_UP_OPEN", if: accounts.rules.isSignUpOpen)
        }
        page.values.set("LOGIN_URL", visit.link("/user/login/"))
        return page
    }

    private func showAlreadyMember(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        var page = Page(.alreadyMember, title: sentence(.titleAlreadyMember))
        page.values.set("ORGANIZATION_NAME", visitor.member.organization.title)
        page.values.set("PERSON_EMAIL", visitor.member.user.email.text)
        return try render(page, visit)
    }

    func hasToken(_ visit: Visit) -> Bool {
        !(visit.query["token"] ?? "").isEmpty
    }

    /// `next` and `token`, as far as they were given: from the sign-up page to
    /// the log-in page and back.
    func sameQuery(_ visit: Visit) -> String {
        let kept = ["next", "token"].compactMap { name in
            visit.query[name].map { "\(name)=\(PercentCoding.encode($0))" }
        }
        return kept.isEmpty ? "" : "?" + kept.joined(separator: "&")
    }
}

internal import Accounts
internal import HTTP
internal import Templates

extension Site {
    func showLogIn(_ visit: Visit) throws -> Response {
        if visit.visitor != nil { return redirect(to: Next.destination(visit)) }
        return try render(logInForm(visit, email: "", keeps: true), visit)
    }

    func logIn(_ visit: Visit) throws -> Response {
        if visit.visitor != nil { return redirect(to: Next.destination(visit)) }
        let form = try visit.form
        let email = form["email"] ?? ""
        let keeps = isKept(form["persist_session"])
        switch try beginLogIn(email, visit) {
        case .wait(let seconds):
            figures.count(Figures.LogInOutcome.throttled)
            return try tooManyTries(
                seconds, logInForm(visit, email: email, keeps: keeps), field: "login-email", visit)
        case .allowed(let attempt):
            do {
                let session = try undoing(attempt, unless: { $0 is Accounts.LogInRefused }) {
                    try accounts.logIn(
                        email: email, password: Password(claimed: form["password"] ?? ""),
                        isPersistent: keeps, from: client(of: visit))
                }
                succeed(attempt)
                figures.count(Figures.LogInOutcome.succeeded)
                var response = redirect(to: Next.destination(visit))
                addSessionCookie(session, to: &response, visit)
                // Nobody is logged in under anything but a valid address.
                try addKnownBrowserCookie(EmailAddress(parsing: email), to: &response, visit)
                return response
            } catch let refused as Accounts.LogInRefused {
                return try refusedLogIn(refused.cause, visit, email: email, keeps: keeps)
            }
        }
    }

    private func refusedLogIn(
        _ cause: Accounts.LogInRefused.Cause, _ visit: Visit, email: String, keeps: Bool
    ) throws -> Response {
        figures.count(Figures.LogInOutcome(cause))
        var page = try logInForm(visit, email: email, keeps: keeps)
        page.status = .unprocessable
        let message =
            switch cause {
            case .removed: sentence(.removed)
            case .deactivated: sentence(.deactivated)
            case .unknownEmail, .wrongPassword: sentence(.logInRefused)
            }
        page.add([FieldProblem(field: "login-email", section: nil, message: message)])
        return try render(page, visit)
    }

    private func logInForm(_ visit: Visit, email: String, keeps: Bool) throws -> Page {
        var page = Page(.logIn, title: sentence(.titleLogIn))
        let query = sameQuery(visit)
        page.values.set("ACTION", visit.link("/user/login/" + query))
        page.values.set("EMAIL", email)
        page.values.show("KEEP", if: keeps)
        if accounts.rules.isSignUpOpen || hasToken(visit) {
            page.values.set("SIGNUP_URL", visit.link("/user/signup/" + query))
            page.values.add("SIGNUP")
        }
        return page
    }

    /// Any value but these keeps the session, as clients know it.
    private func isKept(_ value: String?) -> Bool {
        !["", "false", "False", "0"].contains(value ?? "")
    }
}

extension Figures.LogInOutcome {
    init(_ cause: Accounts.LogInRefused.Cause) {
        self =
            switch cause {
            case .unknownEmail: .unknownEmail
            case .wrongPassword: .wrongPassword
            case .deactivated: .deactivated
            case .removed: .removed
            }
    }
}

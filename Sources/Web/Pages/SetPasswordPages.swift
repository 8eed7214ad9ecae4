internal import Accounts
internal import HTTP
internal import Secrets
internal import Templates

extension Site {
    /// The page behind a set-password link. Opening it uses nothing up: mail
    /// scanners open links.
    func showSetPassword(_ visit: Visit) throws -> Response {
        try withLinkHolder(visit) { _, holder in
            try render(setPasswordPage(visit, holder), visit)
        }
    }

    func setPassword(_ visit: Visit) throws -> Response {
        try withLinkHolder(visit) { token, holder in
            do {
                let new = try Password(
                    new: visit.form["new_password"] ?? "", minimum: accounts.rules.passwordMinimum,
                    knowing: holder.knownWords)
                try accounts.setPassword(by: token, to: new, from: client(of: visit))
                var response = redirect(to: visit.link("/user/set-password/done"))
                try addKnownBrowserCookie(holder.user.email, to: &response, visit)
                return response
            } catch let problem as Password.Problem {
                var page = setPasswordPage(visit, holder)
                page.status = .unprocessable
                page.add([
                    FieldProblem(
                        field: "new-password", section: "PASSWORD_PROBLEM", message: message(for: problem))
                ])
                return try render(page, visit)
            }
        }
    }

    private func withLinkHolder(
        _ visit: Visit, _ proceed: (SecretToken, Member) throws -> Response
    ) throws -> Response {
        let token = SecretToken(claimed: visit.query["token"] ?? "")
        switch try beginLink(visit) {
        case .wait(let seconds):
            return tooManyTries(seconds, visit)
        case .allowed(let attempt):
            do {
                let holder = try undoing(attempt, unless: { $0 is Accounts.LinkRefused }) {
                    try accounts.holder(ofSetPasswordLink: token)
                }
                succeed(attempt)
                return try proceed(token, holder)
            } catch is Accounts.LinkRefused {
                note(.warning, "link-refused", visit, [("path", visit.loggedPath)])
                return try render(linkRefusedPage(visit), visit)
            }
        }
    }

    func showPasswordSet(_ visit: Visit) throws -> Response {
        var page = Page(.passwordSet, title: sentence(.titlePasswordSet))
        page.values.set("LOGIN_URL", visit.link("/user/login/"))
        return try render(page, visit)
    }

    /// What the person gets to open, under the address of the site.
    func setPasswordURL(_ token: SecretToken, _ visit: Visit) -> String {
        visit.address.origin + visit.link("/user/set-password/?token=\(token.text)")
    }

    private func setPasswordPage(_ visit: Visit, _ holder: Member) -> Page {
        var page = Page(.setPassword, title: sentence(.titleSetPassword))
        let token = PercentCoding.encode(visit.query["token"] ?? "")
        page.values.set("ACTION", visit.link("/user/set-password/?token=\(token)"))
        page.values.set("PERSON_EMAIL", holder.user.email.text)
        page.values.set("ORGANIZATION_NAME", holder.organization.title)
        page.values.set("PASSWORD_MINIMUM", "\(accounts.rules.passwordMinimum)")
        return page
    }

    private func linkRefusedPage(_ visit: Visit) -> Page {
        messagePage(.gone, visit, words: .passwordLink)
    }
}

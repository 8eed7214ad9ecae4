internal import Accounts
internal import HTTP

extension Site {
    /// Where password managers send people who want a new one (W3C, "A Well-Known URL
    /// for Changing Passwords"); whoever is not logged in logs in first.
    func leadToPasswordForm(_ visit: Visit) -> Response {
        redirect(to: visit.link("/user/account/password#password-form"))
    }

    func changePassword(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let form = try visit.form
        let current = form["current_password"] ?? ""
        let wrong = FieldProblem(
            field: "account-current-password", section: "CURRENT_PASSWORD_PROBLEM",
            message: sentence(.currentPasswordWrong))
        do {
            let new = try Password(
                new: form["new_password"] ?? "", minimum: accounts.rules.passwordMinimum,
                knowing: visitor.member.knownWords)
            return try confirming(visit, visitor) {
                let session = try accounts.changePassword(
                    of: visitor, current: Password(claimed: current), new: new, from: client(of: visit))
                var response = redirect(
                    to: visit.link("/user/account/?done=\(Notice.passwordChanged.rawValue)"))
                addSessionCookie(session, to: &response, visit)
                try addKnownBrowserCookie(visitor.member.user.email, to: &response, visit)
                return response
            }
        } catch let problem as Password.Problem {
            let unusable = FieldProblem(
                field: "account-new-password", section: "NEW_PASSWORD_PROBLEM", message: message(for: problem)
            )
            return try refusedAccountForm(visit, visitor, current.isEmpty ? [wrong, unusable] : [unusable])
        } catch is Accounts.SamePassword {
            return try refusedAccountForm(
                visit, visitor,
                [
                    FieldProblem(
                        field: "account-new-password", section: "NEW_PASSWORD_PROBLEM",
                        message: sentence(.passwordSame))
                ])
        } catch is Accounts.WrongPassword {
            return try refusedAccountForm(visit, visitor, [wrong])
        }
    }
}

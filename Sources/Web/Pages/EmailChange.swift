internal import Accounts
internal import HTTP

extension Site {
    func changeEmail(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let form = try visit.form
        let typed = form["email"] ?? ""
        func refused(_ field: String, _ section: StaticString, _ message: String) throws -> Response {
            try refusedAccountForm(
                visit, visitor, [FieldProblem(field: field, section: section, message: message)],
                newEmail: typed)
        }
        do {
            let email = try EmailAddress(parsing: typed)
            return try confirming(visit, visitor) {
                let session = try accounts.changeEmail(
                    of: visitor, to: email, password: Password(claimed: form["password"] ?? ""),
                    from: client(of: visit))
                var response = redirect(
                    to: visit.link("/user/account/?done=\(Notice.emailChanged.rawValue)"))
                addSessionCookie(session, to: &response, visit)
                try addKnownBrowserCookie(email, to: &response, visit)
                return response
            }
        } catch let problem as EmailAddress.Problem {
            return try refused("account-email", "EMAIL_PROBLEM", message(for: problem))
        } catch is Accounts.EmailTaken {
            return try refused("account-email", "EMAIL_PROBLEM", sentence(.otherEmailTaken))
        } catch is Accounts.WrongPassword {
            return try refused(
                "account-email-password", "EMAIL_PASSWORD_PROBLEM", sentence(.currentPasswordWrong))
        }
    }
}

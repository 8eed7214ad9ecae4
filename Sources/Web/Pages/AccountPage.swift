internal import Accounts
internal import HTTP
internal import Templates

extension Site {
    func showAccount(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try render(accountPage(visit, visitor, visitor.member.user.profile), visit)
    }

    func saveProfile(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let form = try visit.form
        let profile = User.Profile(
            firstName: form["first_name"] ?? "", lastName: form["last_name"] ?? "",
            phone: form["phone"] ?? "",
            allowsNewsletters: newsletterChoice(form, before: visitor.member.user.profile))
        let problems = problems(of: profile)
        guard problems.isEmpty else {
            var page = try accountPage(visit, visitor, profile)
            page.status = .unprocessable
            page.add(problems)
            return try render(page, visit)
        }
        try accounts.update(profile, of: visitor.requester, from: client(of: visit))
        return redirect(to: visit.link("/user/account/?done=\(Notice.profileSaved.rawValue)"))
    }

    func showTokenQuestion(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try render(Page(.tokenReset, title: sentence(.titleTokenReset)), visit)
    }

    func resetToken(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        _ = try accounts.resetAPIToken(of: visitor.requester, from: client(of: visit))
        return redirect(to: visit.link("/user/account/?done=\(Notice.tokenReset.rawValue)"))
    }

    /// The account page again, with what is wrong.
    ///
    /// - Parameter newEmail: what was typed as the new address.
    func refusedAccountForm(
        _ visit: Visit, _ visitor: Visitor, _ problems: [FieldProblem], newEmail: String = ""
    ) throws -> Response {
        var page = try accountPage(visit, visitor, visitor.member.user.profile)
        page.status = .unprocessable
        page.values.set("NEW_EMAIL", newEmail)
        page.add(problems)
        return try render(page, visit)
    }

    private func accountPage(_ visit: Visit, _ visitor: Visitor, _ profile: User.Profile) throws -> Page {
        let user = visitor.member.user
        var page = Page(.account, title: sentence(.titleAccount))
        page.values.set("PERSON_EMAIL", user.email.text)
        page.values.set("PERSON_INITIALS", user.initials)
        add(user.photo, to: &page.values, visit)
        page.values.show("HAS_PHOTO", if: user.photo != nil)
        page.values.set("FIRST_NAME", profile.firstName)
        page.values.set("LAST_NAME", profile.lastName)
        page.values.set("PHONE", profile.phone)
        page.values.show("NEWSLETTERS_OPEN", if: profile.allowsNewsletters == nil)
        page.values.show("NEWSLETTERS_YES", if: profile.allowsNewsletters == true)
        page.values.show("NEWSLETTERS_NO", if: profile.allowsNewsletters == false)
        page.values.set("PASSWORD_MINIMUM", "\(accounts.rules.passwordMinimum)")
        page.values.set("API_TOKEN", try accounts.apiToken(of: user.id))
        page.values.set("WHOAMI_URL", visit.address.origin + visit.link("/api/current-user/whoami"))
        try addAccessToken(to: &page, visit, visitor)
        page.values.show("PROVISIONED", if: user.passwordProvisionedAt != nil)
        return page
    }

    /// Not sent: as it was. Sent empty: not asked, as the form shows it then.
    private func newsletterChoice(_ form: Form, before: User.Profile) -> Bool? {
        guard let value = form["allow_newsletters"] else { return before.allowsNewsletters }
        return value.isEmpty ? nil : !["false", "False", "0"].contains(value)
    }

    private func problems(of profile: User.Profile) -> [FieldProblem] {
        let fields: [(String, String, StaticString)] = [
            (profile.firstName, "account-first-name", "FIRST_NAME_PROBLEM"),
            (profile.lastName, "account-last-name", "LAST_NAME_PROBLEM"),
            (profile.phone, "account-phone", "PHONE_PROBLEM"),
        ]
        return fields.compactMap { text, field, section in
            let message: String
            if text.utf8.contains(0) {
                message = sentence(.fieldContainsNUL)
            } else if text.unicodeScalars.count > User.Profile.fieldLimit {
                message = sentence(.fieldTooLong, "\(User.Profile.fieldLimit)")
            } else {
                return nil
            }
            return FieldProblem(field: field, section: section, message: message)
        }
    }
}

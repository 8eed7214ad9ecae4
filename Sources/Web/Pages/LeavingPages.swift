internal import Accounts
internal import HTTP
internal import Templates

extension Site {
    func showLeaving(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try render(leavingPage(.leave, visit, visitor), visit)
    }

    func leave(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let password = Password(claimed: try visit.form["password"] ?? "")
        return try ended(.leave, visit, visitor) {
            try accounts.leave(visitor, password: password, from: client(of: visit))
        }
    }

    func showDeletion(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try render(leavingPage(.delete, visit, visitor), visit)
    }

    func deleteAccount(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let form = try visit.form
        let typed = form["email"] ?? ""
        guard let email = try? EmailAddress(parsing: typed), email == visitor.member.user.email else {
            var page = leavingPage(.delete, visit, visitor)
            page.status = .unprocessable
            page.values.set("EMAIL", typed)
            page.add([
                FieldProblem(
                    field: "leaving-email", section: "EMAIL_PROBLEM", message: sentence(.typeOwnEmail))
            ])
            return try render(page, visit)
        }
        let password = Password(claimed: form["password"] ?? "")
        return try ended(.delete, visit, visitor) {
            try accounts.deleteAccount(of: visitor, password: password, from: client(of: visit))
        }
    }

    private enum Leaving {
        case leave, delete
    }

    private func ended(
        _ leaving: Leaving, _ visit: Visit, _ visitor: Visitor, _ act: () throws -> Void
    ) throws -> Response {
        var page = leavingPage(leaving, visit, visitor)
        page.status = .unprocessable
        do {
            return try confirming(visit, visitor) {
                try act()
                var response = redirect(to: visit.link("/logout"))
                expireSessionCookie(in: &response, visit)
                return response
            }
        } catch is Accounts.WrongPassword {
            page.values.set("EMAIL", visitor.member.user.email.text)
            page.add([
                FieldProblem(
                    field: "leaving-password", section: "PASSWORD_PROBLEM",
                    message: sentence(.currentPasswordWrong))
            ])
        } catch Accounts.MembershipRefusal.notPossible {
            // Somebody else was faster: he is out already.
            return redirect(to: visit.link("/logout"))
        } catch Accounts.MembershipRefusal.lastOwner {
            page.add([FieldProblem(field: "main", section: nil, message: sentence(.lastOwner))])
        }
        return try render(page, visit)
    }

    private func leavingPage(_ leaving: Leaving, _ visit: Visit, _ visitor: Visitor) -> Page {
        var page: Page
        switch leaving {
        case .leave:
            page = Page(.leaving, title: sentence(.titleLeave))
            page.values.set("ACTION", visit.link("/user/account/leave"))
            page.values.add("LEAVE")
        case .delete:
            page = Page(.leaving, title: sentence(.titleDeleteAccount))
            page.values.set("ACTION", visit.link("/user/account/delete"))
            page.values.add("DELETE")
        }
        page.values.set("AUDIT_DAYS", "\(accounts.rules.auditDays)")
        page.values.set("PERSON_EMAIL", visitor.member.user.email.text)
        page.values.set("ORGANIZATION_NAME", visitor.member.organization.title)
        return page
    }
}

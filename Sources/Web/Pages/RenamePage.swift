internal import Accounts
internal import HTTP
internal import Templates

extension Site {
    func showRename(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try render(renameForm(visitor.member.organization.title), visit)
    }

    /// Gives the organization another name.
    func rename(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let typed = try visit.form["title"] ?? ""
        let title = trimmed(typed)
        if let problem = problem(withTitle: title) {
            var page = renameForm(typed)
            page.status = .unprocessable
            page.add([FieldProblem(field: "rename-title", section: "TITLE_PROBLEM", message: problem)])
            return try render(page, visit)
        }
        do {
            try accounts.editOrganization(
                title: title, contactInfo: nil, by: visitor.requester, from: client(of: visit))
        } catch Accounts.MembershipRefusal.notOwner {
            return refusedRight(visit)
        }
        return redirect(to: visit.link("/organization/?done=\(Notice.organizationRenamed.rawValue)"))
    }

    private func renameForm(_ title: String) -> Page {
        var page = Page(.rename, title: sentence(.titleRename))
        page.values.set("NEW_TITLE", title)
        return page
    }

    private func problem(withTitle title: String) -> String? {
        if title.isEmpty { return sentence(.organizationNameMissing) }
        if title.utf8.contains(0) { return sentence(.fieldContainsNUL) }
        return title.unicodeScalars.count > Organization.titleLimit
            ? sentence(.fieldTooLong, "\(Organization.titleLimit)") : nil
    }
}

internal import Accounts
internal import HTTP
internal import Templates

extension Site {
    /// Members see their projects, strangers the log-in page, and the very
    /// first visitor the sign-up page.
    func showFrontDoor(_ visit: Visit) throws -> Response {
        if let visitor = visit.visitor { return try showProjects(visit, visitor) }
        if visit.standing?.organization == nil { return redirect(to: visit.link("/user/signup/")) }
        return redirect(
            to: visit.link("/user/login/?next=\(PercentCoding.encodeKeepingSlashes(visit.link("/")))"))
    }

    func showProjects(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let before = visit.query["before"].flatMap { Int64($0) }.map(Project.ID.init)
        let projects = try accounts.projects(of: visitor.member.organization, before: before)
        var page = Page(.home, title: sentence(.titleHome))
        let isEmpty = projects.isEmpty && before == nil
        if isWelcoming(visit) {
            addWelcome(to: &page, hasProjects: !isEmpty, visitor)
        } else {
            page.values.show("EMPTY", if: isEmpty)
        }
        for project in projects {
            var values = projectValues(project, visit)
            let site = siteURL(of: project, visit)
            values.set("OPEN_URL", site ?? visit.ownLink("/projects/\(project.id.number)/"))
            values.show("SITE", if: site != nil)
            if !project.description.isEmpty {
                var description = Values()
                description.set("PROJECT_DESCRIPTION", shortened(project.description))
                values.add("DESCRIPTION", description)
            }
            page.values.add("PROJECT", values)
        }
        if let last = projects.last, projects.count == Accounts.projectPageSize {
            page.values.set("NEXT_URL", visit.ownLink("/?before=\(last.id.number)"))
            page.values.add("NEXT")
        }
        return try render(page, visit)
    }

    func projectValues(_ project: Project, _ visit: Visit) -> Values {
        let address = visit.ownLink("/projects/\(project.id.number)")
        var values = Values()
        values.set("PROJECT_URL", address + "/")
        values.set("PROJECT_EDIT_URL", address + "/edit")
        values.set("PROJECT_DELETE_URL", address + "/delete")
        values.set("PROJECT_TITLE", project.title)
        values.set("PROJECT_CREATED", project.createdAt.date)
        return values
    }

    private func shortened(_ text: String) -> String {
        let limit = 200
        return text.count <= limit ? text : text.prefix(limit) + "…"
    }
}

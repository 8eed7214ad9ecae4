internal import Accounts
internal import HTTP
internal import Markdown
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
        let search = trimmed(visit.query["q"] ?? "")
        let projects = try accounts.projects(
            of: visitor.member.organization, matching: search, before: before)
        var page = Page(.home, title: sentence(.titleHome))
        let isWhole = search.isEmpty && before == nil
        let isEmpty = projects.isEmpty && isWhole
        if !isWhole || projects.count > Self.projectsWithoutSearch {
            addProjectSearch(search, found: projects.count, before: before, to: &page, visit)
        }
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
            let excerpt = MarkdownExcerpt(of: project.description, length: 200).text
            if !excerpt.isEmpty {
                var description = Values()
                description.set("PROJECT_DESCRIPTION", excerpt)
                values.add("DESCRIPTION", description)
            }
            page.values.add("PROJECT", values)
        }
        if let last = projects.last, projects.count == Accounts.projectPageSize {
            let more = search.isEmpty ? "" : "q=\(PercentCoding.encode(search))&"
            page.values.set("NEXT_URL", visit.ownLink("/?\(more)before=\(last.id.number)"))
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

    /// So many are seen at a glance.
    private static let projectsWithoutSearch = 6

    /// The field to look for a project, and what was found by it.
    private func addProjectSearch(
        _ search: String, found: Int, before: Project.ID?, to page: inout Page, _ visit: Visit
    ) {
        var field = Values()
        field.set("SEARCH", search)
        page.values.add("SEARCHABLE", field)
        let newest = visit.ownLink(search.isEmpty ? "/" : "/?q=\(PercentCoding.encode(search))")
        if before != nil {
            page.values.set("NEWEST_URL", newest)
            page.values.add("NEWEST")
            page.values.show("NONE_OLDER", if: found == 0)
        } else if !search.isEmpty {
            let isMore = found == Accounts.projectPageSize
            let words: Sentence =
                found == 0 ? .noProjectFound : isMore ? .manyProjectsFound : .projectsFound
            var values = Values()
            values.set("FOUND_TEXT", sentence(words, search, "\(found)"))
            page.values.add("FOUND", values)
        }
    }
}

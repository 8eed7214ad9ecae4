internal import Accounts
internal import HTTP
internal import Markdown
internal import Templates

extension Site {
    func showProject(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        guard let project = try project(visit, visitor) else { return errorPage(.notFound, visit) }
        var page = Page(.project, title: project.title)
        page.values = projectValues(project, visit)
        page.values.set("DESCRIPTION_HTML", RenderedMarkdown(project.description).html)
        page.values.show("DESCRIPTION", if: !project.description.isEmpty)
        if let site = siteURL(of: project, visit) {
            var values = Values()
            values.set("SITE_URL", site)
            page.values.add("SITE", values)
        }
        if let author = project.author {
            page.values.set("PROJECT_AUTHOR", author.text)
            page.values.add("AUTHOR")
        }
        return try render(page, visit)
    }

    func showNewProject(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try render(projectForm(.new, visit, ProjectText()), visit)
    }

    func createProject(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let form = try visit.form
        do {
            let content = try projectContent(form, visit)
            let id = try accounts.createProject(
                content, by: visitor.requester, from: client(of: visit))
            return redirect(to: visit.ownLink("/projects/\(id.number)/"))
        } catch let problem as ProjectProblem {
            return try render(projectForm(.new, visit, form, problem), visit)
        }
    }

    func showProjectForm(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        guard let project = try project(visit, visitor) else { return errorPage(.notFound, visit) }
        let text = ProjectText(
            title: project.title, description: project.description, site: project.site?.text ?? "")
        return try render(projectForm(.existing(project.id), visit, text), visit)
    }

    func editProject(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let id = Project.ID(visit.numbers[0])
        let form = try visit.form
        do {
            let content = try projectContent(form, visit)
            guard
                try accounts.updateProject(
                    id, to: content, by: visitor.requester, from: client(of: visit))
            else {
                return errorPage(.notFound, visit)
            }
            return redirect(to: visit.ownLink("/projects/\(id.number)/"))
        } catch let problem as ProjectProblem {
            return try render(projectForm(.existing(id), visit, form, problem), visit)
        }
    }

    func showProjectQuestion(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        guard let project = try project(visit, visitor) else { return errorPage(.notFound, visit) }
        var page = Page(.projectDelete, title: sentence(.titleDeleteProject))
        page.values.set("PROJECT_TITLE", project.title)
        page.values.set("ACTION", visit.ownLink("/projects/\(project.id.number)/delete"))
        page.values.set("CANCEL_URL", visit.ownLink("/projects/\(project.id.number)/"))
        return try render(page, visit)
    }

    func deleteProject(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let id = Project.ID(visit.numbers[0])
        guard try accounts.deleteProject(id, by: visitor.requester, from: client(of: visit)) else {
            return errorPage(.notFound, visit)
        }
        noteDeletion(of: id, by: visitor.member, visit)
        return redirect(to: visit.ownLink("/?done=\(Notice.projectDeleted.rawValue)"))
    }

    func noteDeletion(of id: Project.ID, by member: Member, _ visit: Visit) {
        note(
            .notice, "project-deleted", visit,
            [("project", "\(id.number)"), ("user", "\(member.user.id.number)")])
    }

    private func project(_ visit: Visit, _ visitor: Visitor) throws -> Project? {
        try accounts.project(Project.ID(visit.numbers[0]), of: visitor.member.organization)
    }

    private func projectContent(
        _ form: Form, _ visit: Visit
    ) throws(ProjectProblem) -> Project.Content {
        let text = ProjectText(form)
        let site: SiteAddress?
        do { site = try siteAddress(parsing: text.site, visit) } catch { throw .site(error) }
        do {
            return try Project.Content(title: text.title, description: text.description, site: site)
        } catch { throw .content(error) }
    }

    private enum Subject {
        case new
        case existing(Project.ID)
    }

    private func projectForm(
        _ subject: Subject, _ visit: Visit, _ form: Form, _ problem: ProjectProblem
    ) -> Page {
        var page = projectForm(subject, visit, ProjectText(form))
        page.status = .unprocessable
        switch problem {
        case .content(.titleMissing):
            page.add([titleProblem(sentence(.projectTitleMissing))])
        case .content(.titleTooLong):
            page.add([titleProblem(sentence(.projectTitleTooLong, "\(Project.Content.titleLimit)"))])
        case .content(.titleContainsNUL):
            page.add([titleProblem(sentence(.fieldContainsNUL))])
        case .content(.descriptionTooLong):
            let message = sentence(.projectDescriptionTooLong, "\(Project.Content.descriptionLimit)")
            page.add([descriptionProblem(message)])
        case .content(.descriptionContainsNUL):
            page.add([descriptionProblem(sentence(.fieldContainsNUL))])
        case .site(let problem):
            page.add([
                FieldProblem(
                    field: "project-site", section: "SITE_PROBLEM", message: words(for: problem, visit))
            ])
        }
        return page
    }

    private func titleProblem(_ message: String) -> FieldProblem {
        FieldProblem(field: "project-title", section: "TITLE_PROBLEM", message: message)
    }

    private func descriptionProblem(_ message: String) -> FieldProblem {
        FieldProblem(field: "project-description", section: "DESCRIPTION_PROBLEM", message: message)
    }

    private func projectForm(_ subject: Subject, _ visit: Visit, _ text: ProjectText) -> Page {
        var page: Page
        switch subject {
        case .new:
            page = Page(.projectForm, title: sentence(.titleNewProject))
            page.values.set("HEADING", sentence(.titleNewProject))
            page.values.set("SUBMIT", sentence(.createProject))
            page.values.set("ACTION", visit.ownLink("/projects/new"))
            page.values.set("CANCEL_URL", visit.ownLink("/"))
        case .existing(let id):
            page = Page(.projectForm, title: sentence(.titleEditProject))
            page.values.set("HEADING", sentence(.titleEditProject))
            page.values.set("SUBMIT", sentence(.saveProject))
            page.values.set("ACTION", visit.ownLink("/projects/\(id.number)/edit"))
            page.values.set("CANCEL_URL", visit.ownLink("/projects/\(id.number)/"))
        }
        page.values.set("PROJECT_TITLE", text.title)
        page.values.set("PROJECT_DESCRIPTION", text.description)
        page.values.set("PROJECT_SITE", text.site)
        page.values.set("SITE_HINT", siteHint)
        return page
    }
}

/// What stands in the form of a project.
private struct ProjectText {
    var title = ""
    var description = ""
    var site = ""
}

extension ProjectText {
    init(_ form: Form) {
        self.init(
            title: form["title"] ?? "", description: form["description"] ?? "",
            site: form["site_address"] ?? "")
    }
}

/// What has to be filled in differently.
private enum ProjectProblem: Error {
    case content(Project.Content.Problem)
    case site(SiteAddress.Problem)
}

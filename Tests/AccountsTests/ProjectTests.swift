import Database
import Testing

@testable import Accounts

struct ProjectTests {
    private let world: World
    private let member: Member
    private let requester: Requester

    init() throws {
        world = try World()
        let visitor = try #require(try world.visitor(try world.signUp("a@example.com")))
        member = visitor.member
        requester = visitor.requester
    }

    private func make(_ title: String, _ description: String = "") throws -> Project.ID {
        try world.accounts.createProject(
            .init(title: title, description: description), by: requester, from: .somewhere)
    }

    @Test(
        arguments: [
            ("", "", .titleMissing), (" \t\n", "x", .titleMissing),
            (String(repeating: "😀", count: 256), "", .titleTooLong),
            ("x", String(repeating: "😀", count: 4_001), .descriptionTooLong),
            ("x\0", "", .titleContainsNUL), ("x", "a\0b", .descriptionContainsNUL),
        ] as [(String, String, Project.Content.Problem)])
    func `a title or description against the rule is refused`(
        title: String, description: String, problem: Project.Content.Problem
    ) {
        #expect(throws: problem) { try Project.Content(title: title, description: description) }
    }

    @Test func `the longest title and description are kept whole`() throws {
        let title = String(repeating: "😀", count: 255)
        let description = String(repeating: "😀", count: 4_000)
        let project = try #require(
            try world.accounts.project(make(title, description), of: member.organization))
        #expect(project.title == title)
        #expect(project.description == description)
    }

    @Test func `a project is created, read, changed and deleted`() throws {
        let id = try make("  First  ", " line one\nline two \n")
        let project = try #require(try world.accounts.project(id, of: member.organization))
        #expect(project.id == id)
        #expect(project.title == "First")
        #expect(project.description == "line one\nline two")
        #expect(project.author?.text == "a@example.com")
        #expect(project.createdAt == world.clock.now)

        world.clock.advance(seconds: 9)
        let content = try Project.Content(title: "Second", description: "")
        #expect(try world.accounts.updateProject(id, to: content, by: requester, from: .somewhere))
        let changed = try #require(try world.accounts.project(id, of: member.organization))
        #expect(changed.title == "Second")
        #expect(changed.description == "")
        #expect(changed.createdAt == project.createdAt)

        #expect(try world.accounts.deleteProject(id, by: requester, from: .somewhere))
        #expect(try world.accounts.project(id, of: member.organization) == nil)
        #expect(try !world.accounts.deleteProject(id, by: requester, from: .somewhere))
        #expect(try !world.accounts.updateProject(id, to: content, by: requester, from: .somewhere))
    }

    @Test func `the newest project stands first, and numbers are never used again`() throws {
        let ids = try (0..<3).map { try make("\($0)") }
        #expect(try world.accounts.projects(of: member.organization).map(\.id) == ids.reversed())
        _ = try world.accounts.deleteProject(ids[2], by: requester, from: .somewhere)
        #expect(try make("next").number > ids[2].number)
    }

    @Test func `a project of another organization does not exist here`() throws {
        let id = try make("x")
        let other = Organization(id: 2, title: "", inviteNonce: [], sessionPolicy: .standard)
        #expect(try world.accounts.project(id, of: other) == nil)
        #expect(try world.accounts.projects(of: other).isEmpty)
        #expect(try world.accounts.project(id, of: member.organization)?.title == "x")
    }

    @Test func `a project stays when its author's account is deleted`() throws {
        let id = try make("x")
        try world.database.write { try $0.rows("DELETE FROM user_account WHERE id = \(member.user.id)") }
        let project = try #require(try world.accounts.project(id, of: member.organization))
        #expect(project.author == nil)
        #expect(try world.accounts.projects(of: member.organization).count == 1)
    }

    @Test func `pages of projects hold each once, the newest first`() throws {
        let size = Accounts.projectPageSize
        let made = try (0..<size + 2).map { try make("\($0)") }
        let first = try world.accounts.projects(of: member.organization)
        let second = try world.accounts.projects(of: member.organization, before: first.last?.id)
        #expect(first.count == size)
        #expect((first + second).map(\.id) == made.reversed())
    }
}

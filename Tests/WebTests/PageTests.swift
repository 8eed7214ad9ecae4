import Accounts
import Foundation
import HTTP
import Testing

@testable import Web

/// What holds for every page, whatever it is about.
struct PageTests {
    private static func pages() throws -> [String] {
        try Subject.allPlayed.flatMap { try $0.1.get().exchanges }.map(\.response)
            .filter { $0.values("Content-Type") == ["text/html; charset=utf-8"] }.map(\.text)
    }

    @Test func `every page of the site is in the transcripts`() throws {
        let pages = try Self.pages()
        for name in PageName.allCases {
            #expect(pages.contains { $0.contains(marker(of: name)) }, "\(name)")
        }
    }

    @Test func `no page has a script, a style or a handler in it`() throws {
        for page in try Self.pages() {
            #expect(page.matches(of: /<script/).count == 1)
            #expect(page.contains(/<script src="[^"]+" defer><\/script>/))
            #expect(!page.contains(/<style/.ignoresCase()))
            #expect(!page.contains(/<[^>]*\sstyle\s*=/.ignoresCase()))
            #expect(!page.contains(/<[^>]*\son[a-z]+\s*=/.ignoresCase()))
            #expect(!page.contains(/(href|src|action)="(javascript|data|vbscript):/.ignoresCase()))
            #expect(!page.contains("<base"))
            #expect(!page.contains("http-equiv"))
        }
    }

    @Test(
        arguments: [
            ("light", "light"), ("dark", "dark"), ("Dark", nil), ("", nil), ("dark\" onclick=\"x", nil),
        ] as [(String, String?)])
    func `a page begins with the colours that its visitor chose, if it knows them`(
        cookie: String, chosen: String?
    ) throws {
        let browser = Browser(try World())
        let page = browser.get("/user/signup/") { $0.header.cookie = "a=b; appearance=\(cookie)" }.text
        let start = chosen.map { "<html lang=\"en\" data-appearance=\"\($0)\">" } ?? "<html lang=\"en\">"
        #expect(page.contains(start))
    }

    @Test func `no page loads anything from elsewhere`() throws {
        for page in try Self.pages() {
            // A link to a site loads nothing, nor does one from there to our pages.
            let own = page.replacing(
                /<a( class="button")? href="https:\/\/(tools|labels)\.example\/[^"]*"/, with: "<a")
            for match in own.matches(of: /(?:href|src|action)="([^"]*)"/) {
                #expect(match.1.contains(/^(\/[^\/]|\/$|#)/), "\(match.1)")
            }
        }
    }

    @Test func `no id stands twice on a page, and every reference leads to one`() throws {
        for page in try Self.pages() {
            let ids = page.matches(of: /\sid="([^"]*)"/).map { String($0.1) }
            #expect(Set(ids).count == ids.count, "\(ids)")
            let references =
                page.matches(of: /(?:\sfor|href|data-copy|data-reveal)="#?([^"\/]+)"/).map { String($0.1) }
                + page.matches(of: /aria-(?:describedby|labelledby|controls)="([^"]*)"/)
                .flatMap { $0.1.split(separator: " ").map(String.init) }
            #expect(Set(references).subtracting(ids).isEmpty, "\(references)")
        }
    }

    @Test func `every form carries a token, and no token stands twice`() throws {
        let pages = try Self.pages()
        for page in pages {
            let forms = page.split(separator: "<form").dropFirst()
            for form in forms where !form.contains(#"method="get""#) {
                #expect(form.contains(/name="csrfmiddlewaretoken" value="[A-Za-z0-9_-]{64}"/))
                #expect(
                    form.hasPrefix(" ") && form.contains(#"method="post""#) && form.contains("novalidate"))
            }
        }
    }

    @Test func `no page repeats a password`() throws {
        for page in try Self.pages() {
            #expect(!page.contains(Person.password))
            #expect(!page.contains(Person.newPassword))
            #expect(!page.contains(/type="password"[^>]*value=/))
            #expect(!page.contains("maxlength"))
        }
    }

    @Test func `the list of people is shown in parts`() throws {
        let world = try World()
        let ada = Browser.member("ada@example.org", in: world)
        for number in 1...Accounts.peoplePageSize {
            _ = try world.accounts.provision(
                email: EmailAddress(parsing: "person\(number)@example.org"),
                password: Password(claimed: Person.password), token: nil)
        }
        let first = ada.get("/organization/").text
        #expect(first.contains("51 people"))
        #expect(first.matches(of: /<td role="cell" class="name">/).count == 50)
        #expect(!first.contains("First page"))
        let next = try #require(first.firstMatch(of: /href="([^"]*)">Next page/)).1
        let second = ada.get(String(next)).text
        #expect(second.matches(of: /<td role="cell" class="name">/).count == 1)
        #expect(second.contains("person50@example.org"))
        #expect(second.contains("First page") && !second.contains("Next page"))
        for strange in ["0", "-1", "x", "", "99999999999999999999", "9223372036854775807"] {
            #expect(ada.get("/organization/?after=\(strange)").status == .ok)
        }
    }

    /// What no other page says.
    private func marker(of name: PageName) -> String {
        switch name {
        case .apiDocs: "<h1>The API</h1>"
        case .accessToken: "id=\"access-token\""
        case .accessTokenRevoke: "id=\"access-token-revoke-form\""
        case .sessionsEnd: "id=\"sessions-end-form\""
        case .access: "id=\"token-settings-form\""
        case .signUp: "form id=\"signup-form\""
        case .logIn: "form id=\"login-form\""
        case .logOut: "form id=\"logout-form\""
        case .invitationNeeded: "<h1>You need an invite link</h1>"
        case .invitationRefused: "<h1>This invite link does not work</h1>"
        case .setupNeeded: "<h1>Almost ready</h1>"
        case .alreadyMember: "<h1>You are already a member of"
        case .home: "<h1>Projects</h1>"
        case .project: "<p class=\"quiet\">Created"
        case .projectForm: "form id=\"project-form\""
        case .projectDelete: "form id=\"project-delete-form\""
        case .siteEntrance: "<h1>On to tools.example"
        case .siteRefused: "<h1>The way to tools.example was interrupted</h1>"
        case .organization: "class=\"people\""
        case .rename: "form id=\"rename-form\""
        case .invite: "id=\"invite-link\""
        case .inviteLimits: "form id=\"invite-limits-form\""
        case .inviteReset: "form id=\"invite-reset-form\""
        case .account: "form id=\"profile-form\""
        case .tokenReset: "form id=\"token-reset-form\""
        case .sessions: "<h1>Where you are logged in</h1>"
        case .activity: "<h1>Your activity</h1>"
        case .leaving: "form id=\"leaving-form\""
        case .setPassword: "form id=\"set-password-form\""
        case .passwordSet: "<h1>Your password was set</h1>"
        case .setPasswordLink: "id=\"password-link\""
        case .person: "id=\"person-acts-title\""
        case .personQuestion: "form id=\"person-form\""
        case .removedPeople: "<h1>People who are no longer here</h1>"
        case .enter: "form id=\"entry-form\""
        case .audit: "id=\"audit-action\""
        case .error: "<p class=\"status\">"
        }
    }
}

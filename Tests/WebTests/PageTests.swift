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
        let page = browser.get("/user/signup/") {
            $0.header.cookie = "a=b; label_studio_appearance=\(cookie)"
        }.text
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
        let rows = { (page: String) in page.matches(of: /<td role="cell" class="name">/).count }
        let link = { (label: String, page: String) in
            page.matches(of: /<a [^>]*href="([^"]*)">([^<]*)<\/a>/).first { $0.2 == label }
                .map { String($0.1).replacing("&amp;", with: "&") }
        }
        for query in ["", "?q=EXAMPLE", "?sort=-joined", "?q=example&sort=active"] {
            let first = ada.get("/organization/" + query).text
            #expect(first.contains("51 people"))
            #expect(rows(first) == 50)
            #expect(link("First page", first) == nil && link("Previous page", first) == nil)
            let second = ada.get(try #require(link("Next page", first))).text
            #expect(rows(second) == 1)
            #expect(link("Next page", second) == nil)
            // What was asked for stays, there and back.
            for label in ["First page", "Previous page"] {
                let again = ada.get(try #require(link(label, second))).text
                #expect(rows(again) == 50 && link("Next page", again) == link("Next page", first))
            }
            #expect(first.contains("More than 50 people found") == query.contains("q="))
        }
        #expect(ada.get("/organization/?after=8.person8@example.org").text.contains("person9@example.org"))
        for strange in [
            "0", "-1", "x", "", "99999999999999999999", "9223372036854775807", "1.%00", "%FF", ".",
        ] {
            for order in ["name", "-joined", "weight", ""] {
                let target = "/organization/?after=\(strange)&before=\(strange)&sort=\(order)"
                #expect(ada.get(target).status == (strange == "%FF" ? .badRequest : .ok))
            }
        }
    }

    @Test func `the heads of the list say how it is sorted, and lead to the other way round`() throws {
        let world = try World()
        let ada = Browser.member("ada@example.org", in: world)
        let heads = { (query: String) in
            let page = ada.get("/organization/" + query).text
            return page.matches(of: /<th [^>]*scope="col"( aria-sort="([a-z]+)")?><a href="([^"]*)">([^<]*)</)
                .map { "\($0.4) \($0.2 ?? "-") \($0.3)" }
        }
        #expect(
            heads("") == [
                "Name ascending /organization/?sort=-name", "E-mail - /organization/?sort=email",
                "Role - /organization/?sort=-role", "Joined - /organization/?sort=-joined",
                "Last active - /organization/?sort=-active",
            ])
        #expect(
            heads("?sort=-joined&q=a%26%22&after=1.5") == [
                "Name - /organization/?q=a%26%22", "E-mail - /organization/?q=a%26%22&amp;sort=email",
                "Role - /organization/?q=a%26%22&amp;sort=-role",
                "Joined descending /organization/?q=a%26%22&amp;sort=joined",
                "Last active - /organization/?q=a%26%22&amp;sort=-active",
            ])
    }

    @Test func `beside each person stands what an owner can do with him, and nothing for members`() throws {
        let world = try World()
        let ada = Browser.member("ada@example.org", in: world)
        let bob = Browser.member("bob@example.org", in: world)
        let acts = {
            ada.get("/organization/").text.matches(of: /href="\/organization\/people\/([0-9]+\/[a-z-]+)"/)
                .map { String($0.1) }
        }
        #expect(acts() == ["2/reset-link", "2/log-out", "2/make-owner", "2/deactivate", "2/remove"])
        #expect(!bob.get("/organization/").text.contains("/organization/people/"))
        for act in acts() { #expect(ada.get("/organization/people/\(act)").status == .ok) }
        ada.post("/organization/people/2/make-owner", [:])
        #expect(acts() == ["2/reset-link", "2/log-out", "2/make-member", "2/deactivate", "2/remove"])
        ada.post("/organization/people/2/deactivate", [:])
        #expect(acts() == ["2/reactivate", "2/remove"])
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

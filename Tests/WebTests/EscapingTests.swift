import HTTP
import Testing

@testable import Web

/// What people type is text, wherever it is shown.
struct EscapingTests {
    /// Leaves an attribute, an element, a text area, a title; and looks like a template.
    private static let nasty = #"'"></textarea></title><x-nasty onload=1>&amp;{{CSRF}}{{>MAIN}}"#
    private static let escaped =
        "&#39;&quot;&gt;&lt;/textarea&gt;&lt;/title&gt;&lt;x-nasty onload=1&gt;&amp;amp;{{CSRF}}{{&gt;MAIN}}"

    private func check(_ response: Response, shows: Bool = true, _ field: String) {
        let page = response.text
        #expect(!page.contains("<x-nasty"), "\(field)")
        #expect(!page.contains("'\">"), "\(field)")
        if shows { #expect(page.contains(Self.escaped), "\(field)") }
        #expect(page.matches(of: /<\/title>/).count == 1, "\(field)")
        #expect(page.matches(of: /<\/main>/).count == 1, "\(field)")
    }

    @Test func `an e-mail address that is none comes back escaped`() throws {
        let stranger = Browser(try World())
        for form in ["/user/signup/", "/user/login/"] {
            check(stranger.post(form, ["email": Self.nasty, "password": Self.nasty]), form)
        }
    }

    @Test func `title and description of a project are escaped on every page`() throws {
        let ada = Browser.member("ada@example.org", in: try World())
        let fields: KeyValuePairs = ["title": Self.nasty, "description": Self.nasty]
        #expect(ada.post("/projects/new", fields).location == "/projects/1/")
        for target in ["/", "/projects/1/", "/projects/1/edit", "/projects/1/delete"] {
            check(ada.get(target), target)
        }
        let long: KeyValuePairs = [
            "title": Self.nasty, "description": Self.nasty + String(repeating: "d", count: 4000),
        ]
        check(ada.post("/projects/1/edit", long), "a refused form")
    }

    @Test func `names and phone are escaped on every page`() throws {
        let ada = Browser.member("ada@example.org", in: try World())
        let fields: KeyValuePairs = [
            "first_name": Self.nasty, "last_name": Self.nasty, "phone": Self.nasty,
            "allow_newsletters": Self.nasty,
        ]
        #expect(ada.post("/user/account/", fields).status == .found)
        for target in ["/", "/organization/", "/user/account/"] { check(ada.get(target), target) }
        let long: KeyValuePairs = ["first_name": Self.nasty + String(repeating: "f", count: 256)]
        check(ada.post("/user/account/", long), "a refused form")
    }

    @Test func `next and token are escaped in every link`() throws {
        let stranger = Browser(try World())
        let query = "next=\(PercentCoding.encode(Self.nasty))&token=\(PercentCoding.encode(Self.nasty))"
        for target in ["/user/login/?\(query)", "/user/signup/?\(query)", "/nothing?\(query)"] {
            check(stranger.get(target), shows: false, target)
        }
        let raw = "/user/login/?next=\(Self.nasty)"
        check(stranger.get(raw), shows: false, raw)
    }

    @Test func `what a foreign request says of itself is escaped`() throws {
        let ada = Browser.member("ada@example.org", in: try World())
        let response = ada.post("/logout") {
            $0.header.origin = Self.nasty
            $0.header.secFetchSite = Self.nasty
        }
        #expect(response.status == .forbidden)
        check(response, "Origin")
        check(ada.send(.init(Self.nasty), "/\(PercentCoding.encode(Self.nasty))"), shows: false, "the method")
    }

    @Test func `a host that is none is not shown`() throws {
        let ada = Browser.member("ada@example.org", in: try World())
        ada.host = "labels.example\"><x-nasty>"
        let response = ada.get("/organization/invite")
        check(response, shows: false, "Host")
        #expect(response.text.contains("http://localhost/user/signup/?token="))
    }

    @Test func `JSON is harmless inside HTML too`() throws {
        let ada = Browser.member("ada@example.org", in: try World())
        ada.post("/user/account/", ["first_name": Self.nasty])
        let body = ada.get("/api/current-user/whoami").text
        #expect(!body.contains("<"))
        #expect(body.contains(#"'\"\u003e\u003c/textarea"#))
    }

    @Test func `a NUL in a field is refused`() throws {
        let ada = Browser.member("ada@example.org", in: try World())
        // PostgreSQL keeps none in a text: there it would be a failure of ours.
        for field in ["first_name", "last_name", "phone"] {
            let body = Browser.encode([(key: field, value: "a\u{0}b")])
            let response = ada.post("/user/account/") { $0.body = .complete(Array(body.utf8)) }
            #expect(response.status == .unprocessable, "\(field)")
        }
        let title: KeyValuePairs = ["title": "a\u{0}b", "description": ""]
        #expect(ada.post("/projects/new", title).status == .unprocessable)
        let description: KeyValuePairs = ["title": "a", "description": "a\u{0}b"]
        #expect(ada.post("/projects/new", description).status == .unprocessable)
    }
}

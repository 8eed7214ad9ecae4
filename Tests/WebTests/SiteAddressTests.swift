import Accounts
import Database
import HTTP
import Testing

@testable import Web

/// Which addresses a project may open.
struct SiteAddressTests {
    private func parse(
        _ text: String, at address: String = "https://labels.example", hosts: [String] = ["tools.example"]
    ) throws -> String? {
        let site = try World(address: address, siteHosts: hosts).site
        return try site.siteAddress(
            parsing: text, site.visit(of: Request(method: .get, target: "/"))
        )?.text
    }

    @Test(arguments: [
        ("", nil as String?), ("  ", nil), ("/tools/", "/tools/"), (" /tools ", "/tools"),
        ("/tools/?next=//x#/a//b", "/tools/?next=//x#/a//b"), ("/тools/", "/%D1%82ools/"),
        ("https://tools.example", "https://tools.example/"),
        ("HTTPS://Tools.Example:443/Board?a=b#c", "https://tools.example/Board?a=b#c"),
        ("https://tools.example?a", "https://tools.example/?a"),
        ("https://labels.example/tools/", "/tools/"), ("/users/", "/users/"),
    ])
    func `an address of a site is kept as browsers take it`(text: String, kept: String?) throws {
        #expect(try parse(text) == kept)
    }

    @Test(arguments: [
        "tools", "tools/", "javascript:alert(1)", "data:text/html,x", "ftp://tools.example/",
        "//tools.example/",
        "/\\tools.example", "\\\\tools.example", "/a b", "/a\tb", "/a\nb", "/a/../b", "/./a", "/a//b",
        "/a/%2e%2e/b",
        "/a%2fb", "/a%00b", "https:tools.example", "https:/tools.example", "https:///tools.example",
        "https://user@tools.example/", "https://tools.example@evil.example/", "https://tools.example:x/",
        "https://tools.example\\@evil.example/", "https://tools.example/../x", "https://tools.example//x",
        "?x", "#x",
    ])
    func `what is no address is refused`(text: String) throws {
        #expect(throws: SiteAddress.Problem.notAnAddress) { try parse(text) }
    }

    @Test(arguments: [
        "https://evil.example/", "http://tools.example/", "https://tools.example:8443/",
        "https://tools.example./",
        "https://sub.tools.example/", "http://labels.example/tools/", "https://127.0.0.1/",
    ])
    func `a host that is none of ours is refused`(text: String) throws {
        #expect(throws: SiteAddress.Problem.foreignHost) { try parse(text) }
    }

    @Test(arguments: [
        "/", "/?x", "/#x", "/projects/1/", "/user/login/", "/api/", "/api/nothing", "/organization",
        "/static/app.css",
        "/data/avatars/x.png", "/-/accounts/ticket", "/logout", "/%75ser/login", "https://labels.example",
        "https://labels.example/people?x", "/label-studio-gate",
    ])
    func `a page of ours is refused`(text: String) throws {
        #expect(throws: SiteAddress.Problem.ownPage) { try parse(text) }
    }

    @Test func `at a sub-path, what is beside our pages is free`() throws {
        let address = "https://labels.example/labels"
        #expect(try parse("/user/", at: address) == "/user/")
        #expect(try parse("/labels/tools/", at: address) == "/labels/tools/")
        #expect(throws: SiteAddress.Problem.ownPage) { try parse("/labels/user/", at: address) }
        #expect(throws: SiteAddress.Problem.ownPage) { try parse("/labels", at: address) }
    }

    @Test func `beside a labeling server, what it has is free`() throws {
        let site = try World(address: "https://labels.example", labelingServer: "http://127.0.0.1:9").site
        let visit = site.visit(of: Request(method: .get, target: "/"))
        for text in ["/", "/projects/7/data", "/data/upload/x.png"] {
            #expect(try site.siteAddress(parsing: text, visit)?.text == text)
        }
        for text in ["/user/account/", "/organization", "/-/accounts/projects/1/", "/logout"] {
            #expect(throws: SiteAddress.Problem.ownPage) { try site.siteAddress(parsing: text, visit) }
        }
    }

    @Test func `it is not longer than a line of a request`() throws {
        let longest = "/" + String(repeating: "a", count: SiteAddress.limit - 1)
        #expect(try parse(longest) == longest)
        #expect(throws: SiteAddress.Problem.tooLong) { try parse(longest + "a") }
    }

    @Test func `a host that is none of ours any more is not led to`() throws {
        let world = try World(address: "https://labels.example")
        let ada = Browser.member("ada@example.org", in: world) {
            $0.scheme = "https"
            $0.host = "labels.example"
        }
        ada.post("/projects/new", ["title": "Birds", "description": "", "site_address": "/tools/"])
        #expect(ada.get("/").text.contains(#"<h2><a href="/tools/">Birds</a></h2>"#))
        _ = try world.database.write { connection in
            try connection.rows("UPDATE project SET site_address = 'https://gone.example/'")
        }
        #expect(ada.get("/").text.contains(#"<h2><a href="/projects/1/">Birds</a></h2>"#))
        #expect(!ada.get("/projects/1/").text.contains("gone.example"))
        #expect(ada.get("/projects/1/edit").text.contains("https://gone.example/"))
    }
}

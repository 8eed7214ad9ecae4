import HTTP
import Testing

@testable import Web

struct NextTests {
    private func destination(
        _ next: String?, address: String = "http://labels.example:8080"
    ) throws -> String {
        let query = next.map { "next=\(PercentCoding.encode($0))" } ?? ""
        let request = Request(method: .get, target: "/user/login/?\(query)")
        let address = try #require(PublicAddress(parsing: address))
        return Next.destination(
            Visit(request: request, client: "", address: address, path: nil, rawQuery: query[...]))
    }

    @Test(arguments: [
        ("/", "/"), ("/projects/7/edit", "/projects/7/edit"),
        ("/organization/?after=7", "/organization/?after=7"),
        ("/projects/#there", "/projects/#there"), ("http://labels.example:8080/people", "/people"),
        ("HTTP://LABELS.example:8080/People", "/People"), ("/projects/é", "/projects/%C3%A9"),
        ("/\u{301}x", "/%CC%81x"), ("/user/login/?next=//evil.example", "/user/login/?next=//evil.example"),
    ])
    func `a path of ours is where he goes`(next: String, expected: String) throws {
        #expect(try destination(next) == expected)
    }

    @Test(arguments: [
        "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example", "\\\\evil.example",
        "http://evil.example/", "https://evil.example", "http:evil.example", "http:/evil.example",
        "http:///evil.example", "javascript:alert(1)", "data:text/html,x", "vbscript:x", "mailto:a@b.example",
        "\t//evil.example", "/\t/evil.example", "/\n/evil.example", " //evil.example", "/ /evil.example",
        "\u{0}//evil.example", "/\u{7f}/evil.example", "http://labels.example:8080//evil.example",
        "http://labels.example:8080.evil.example/", "http://labels.example:8080@evil.example/",
        "http://labels.example:80800/", "http://labels.example/", "https://labels.example:8080/people",
        "http://labels.example:8080", "//labels.example:8080/people", "projects", "projects/7", "./people",
        "?done=saved",
        "#there", "", "/people\r\nSet-Cookie: a=b", "/a%2Fb", "/./x", "/../x", "/%2e%2e/x", "/a//b",
        "http://labels.example:8080\\@evil.example/",
    ])
    func `anything else leads home`(next: String) throws {
        #expect(try destination(next) == "/")
    }

    @Test(arguments: [
        ("/labels", "/labels"), ("/labels/", "/labels/"), ("/labels?done=saved", "/labels?done=saved"),
        ("/labels/people", "/labels/people"), ("http://labels.example/labels/people", "/labels/people"),
        ("/labelsevil", "/labels/"), ("/people", "/labels/"), ("/", "/labels/"),
        ("/Labels/people", "/labels/"),
        ("http://labels.example/people", "/labels/"), ("//labels/people", "/labels/"),
        ("/labels\\..\\evil", "/labels/"),
    ])
    func `at a sub-path only what is below it is ours`(next: String, expected: String) throws {
        #expect(try destination(next, address: "http://labels.example/labels") == expected)
    }

    @Test(arguments: [
        ("/tools/?a=b", "/tools/?a=b"), ("https://labels.example/tools/", "/tools/"), ("/", "/"),
        ("/labels/people", "/labels/people"), ("//labels/people", "/labels/"),
        ("/labels/../tools", "/labels/"),
        ("http://labels.example/tools/", "/labels/"), ("https://evil.example/tools/", "/labels/"),
    ])
    func `over https the session is known on the whole host, guarded sites beside us included`(
        next: String, expected: String
    ) throws {
        #expect(try destination(next, address: "https://labels.example/labels") == expected)
    }

    @Test(arguments: ["/labels/../evil", "/labels/%2e%2e/evil", "/labels/people/../../evil", "/labels/.."])
    func `next does not climb out of the sub-path`(next: String) throws {
        #expect(try destination(next, address: "http://labels.example/labels") == "/labels/")
    }

    @Test func `without next he goes home`() throws {
        #expect(try destination(nil) == "/")
        #expect(try destination(nil, address: "http://labels.example/labels") == "/labels/")
    }

    @Test func `the first of two counts, as for browsers`() throws {
        let request = Request(method: .get, target: "/")
        let address = try #require(PublicAddress(parsing: "http://labels.example"))
        let visit = Visit(
            request: request, client: "", address: address, path: nil,
            rawQuery: "next=//evil.example&next=/people")
        #expect(Next.destination(visit) == "/")
    }

    @Test(arguments: [
        "/projects/7/?a=b&c=%26", "/organization/?after=2", "/people", "/projects/new", "/user/account/",
    ])
    func `the log-in page leads back to where he was`(target: String) throws {
        let world = try World(address: "http://labels.example:8080/labels")
        _ = Browser.member("ada@example.org", in: world)
        let ada = Browser(world)
        let logIn = try #require(ada.get("/labels" + target).location)
        ada.get(logIn)
        let fields: KeyValuePairs = ["email": "ada@example.org", "password": Person.password]
        #expect(ada.post(logIn, fields).location == "/labels" + target)
    }
}

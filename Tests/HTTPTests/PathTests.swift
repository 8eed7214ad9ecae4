import HTTP
import Testing

struct PathTests {
    @Test(
        arguments: [
            ("/", [], true),
            ("/user", ["user"], false),
            ("/user/login/", ["user", "login"], true),
            ("/user/login", ["user", "login"], false),
            ("/a%20b/%C3%BC", ["a b", "ü"], false),
            ("/a+b", ["a+b"], false),
            ("/...", ["..."], false),
            ("/%2e%2e%2e", ["..."], false),
            ("/a%", ["a%"], false),
            ("/~user/@me:x", ["~user", "@me:x"], false),
        ] as [(String, [String], Bool)])
    func `a path is split at its slashes and decoded`(
        text: String, segments: [String], hasTrailingSlash: Bool
    ) throws {
        let path = try #require(Path(parsing: text[...]))
        #expect(path.segments == segments)
        #expect(path.hasTrailingSlash == hasTrailingSlash)
    }

    @Test(arguments: [
        "", "a", "*", "user/login", "http://example.org/", "//", "//evil.example", "/a//b", "/a//", "/.",
        "/..",
        "/./a", "/a#", "/a/../b", "/a/..", "/%2e", "/%2e%2E/a", "/.%2e", "/a%2fb", "/a%2Fb", "/%2f", "/%00",
        "/a%0ab",
        "/a%0D%0Ab", "/\t", "/%7f", "/%1f", "/%ff", "/%C0%AF", "?", "/a/%2e/",
    ])
    func `a path that servers could read in two ways is refused`(text: String) {
        #expect(Path(parsing: text[...]) == nil)
    }

    /// nginx compares bytes: what it does not see as `/x` must not be `/x` here.
    @Test func `a combining mark after a slash is not swallowed`() {
        #expect(Path(parsing: "/\u{301}x")?.segments != ["x"])
        #expect(Path(parsing: "/user/\u{301}login")?.segments != ["user", "login"])
    }

    @Test(
        arguments: [
            ("/labels/user", ["labels"], ["user"]),
            ("/labels/", ["labels"], []),
            ("/a/b/c", ["a", "b"], ["c"]),
            ("/labelsuser", ["labels"], ["labelsuser"]),
            ("/user", ["labels"], ["user"]),
            ("/user", [], ["user"]),
            ("/a", ["a", "b"], ["a"]),
        ] as [(String, [String], [String])])
    func `the prefix of a sub-path is removed if it is there`(
        text: String, prefix: [String], rest: [String]
    ) throws {
        let path = try #require(Path(parsing: text[...]))
        #expect(path.removing(prefix: prefix).segments == rest)
        #expect(path.removing(prefix: prefix).hasTrailingSlash == path.hasTrailingSlash)
    }
}

struct TargetTests {
    @Test(
        arguments: [
            ("/", [], ""),
            ("/a?b=c", ["a"], "b=c"),
            ("/a?", ["a"], ""),
            ("/a?b?c=/d", ["a"], "b?c=/d"),
            ("/a?next=//evil%2f", ["a"], "next=//evil%2f"),
        ] as [(String, [String], Substring)])
    func `a target is a path and what follows the first question mark`(
        text: String, segments: [String], query: Substring
    ) {
        let target = Target(parsing: text)
        #expect(target.path?.segments == segments)
        #expect(target.query == query)
    }

    @Test(arguments: ["", "?a=b", "*", "example.org:443", "//?a", "http://example.org/a?b"])
    func `a target without a path of ours has none`(text: String) {
        #expect(Target(parsing: text).path == nil)
    }

    @Test func `a combining mark does not hide the question mark`() {
        let target = Target(parsing: "/a?\u{301}b")
        #expect(target.path?.segments == ["a"])
        #expect(Array(target.query.utf8) == Array("\u{301}b".utf8))
    }
}

import HTTP
import Testing

struct FormTests {
    @Test(arguments: [
        ("email=a%40b.c&password=x", "email", "a@b.c"),
        ("password=+p%20w+", "password", " p w "),
        ("a=1&a=2", "a", "1"),
        ("a=b=c", "a", "b=c"),
        ("a=", "a", ""),
        ("a", "a", ""),
        ("&&a=1&", "a", "1"),
        ("=v", "", "v"),
        ("n%61me=v", "name", "v"),
        ("a+b=v", "a b", "v"),
        ("a=%00", "a", "\0"),
        ("a=1;b=2", "a", "1;b=2"),
        ("a=%26b%3D1", "a", "&b=1"),
        ("a=ü", "a", "ü"),
    ])
    func `a field has the value that was sent`(text: String, name: String, value: String) throws {
        #expect(try #require(Form(parsing: text[...]))[name] == value)
    }

    @Test(arguments: ["", "b=1", "A=1", "aa=1", "=a", "b=a=1"])
    func `a field that was not sent is absent`(text: String) throws {
        #expect(try #require(Form(parsing: text[...]))["a"] == nil)
        #expect(Form()["a"] == nil)
    }

    @Test(arguments: ["a=%ff", "%ff=a", "a=1&b=%C3"])
    func `a form with bytes that are not UTF-8 is refused`(text: String) {
        #expect(Form(parsing: text[...]) == nil)
    }

    @Test func `as many fields as the limit are read, one more is refused`() {
        let most = Array(repeating: "a=1", count: Form.fieldLimit).joined(separator: "&")
        #expect(Form(parsing: most[...])?["a"] == "1")
        #expect(Form(parsing: (most + "&a=1")[...]) == nil)
        #expect(Form(parsing: (most + "&&&")[...]) != nil)
    }

    /// The separators are bytes: a combining mark after one does not hide it.
    @Test(arguments: [
        ("a=\u{301}1", "a", "\u{301}1"),
        ("a=1&\u{301}b=2", "\u{301}b", "2"),
        ("a=1&\u{301}b=2", "a", "1"),
    ])
    func `a combining mark after a separator belongs to the text`(text: String, name: String, value: String)
        throws
    {
        let found = try #require(Form(parsing: text[...]))[name]
        #expect(found.map { Array($0.utf8) } == Array(value.utf8))
    }
}

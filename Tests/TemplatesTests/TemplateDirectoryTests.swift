import Foundation
import Templates
import Testing

/// Serialized: one of the tests looks at what ctemplate writes to standard error.
@Suite(.serialized)
struct TemplateDirectoryTests {
    private let directory: TemporaryDirectory
    private let layout = TemplateDirectory.marker + "\n<html>{{>MAIN}}</html>\n"

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// The page alone, with these values.
    private func render(
        _ page: String, _ values: Values = Values(), everywhere: Values = Values()
    ) throws -> String {
        try directory.write("layout.html", layout)
        try directory.write("page.html", TemplateDirectory.marker + "\n" + page)
        let templates = try TemplateDirectory(path: directory.path, pages: ["page"])
        let text = String(
            decoding: try templates.render(page: "page", everywhere, values), as: UTF8.self)
        return String(text.dropFirst("<html>".count).dropLast("</html>\n".count))
    }

    @Test(arguments: [
        "<p>no marker</p>", "", "\n{{%AUTOESCAPE context=\"HTML\"}}", " {{%AUTOESCAPE context=\"HTML\"}}",
        "{{%AUTOESCAPE context=\"JAVASCRIPT\"}}", "{{%AUTOESCAPE context='HTML'}}", "{{! x }}{{%AUTOESCAPE",
    ])
    func `a file that does not begin with the marker is refused`(content: String) throws {
        try directory.write("layout.html", layout)
        try directory.write("page.html", content)
        let error = #expect(throws: TemplateDirectory.Unusable.self) {
            try TemplateDirectory(path: directory.path, pages: ["page"])
        }
        #expect(error?.description.contains("page.html does not begin with") == true)
    }

    @Test func `a layout without the marker is refused`() throws {
        try directory.write("layout.html", "<html>{{>MAIN}}</html>")
        let error = #expect(throws: TemplateDirectory.Unusable.self) {
            try TemplateDirectory(path: directory.path, pages: [])
        }
        #expect(error?.description.contains("layout.html") == true)
    }

    @Test(arguments: [
        "{{#A}}", "{{/A}}", "{{#A}}{{/B}}", "{{A", "{{#A}}{{#B}}{{/A}}{{/B}}", "{{a b}}", "{{A:nonsense}}",
    ])
    func `a malformed file is refused`(content: String) throws {
        try directory.write("layout.html", layout)
        try directory.write("page.html", TemplateDirectory.marker + content)
        let error = #expect(throws: TemplateDirectory.Unusable.self) {
            try TemplateDirectory(path: directory.path, pages: ["page"])
        }
        #expect(error?.description.contains("page.html is not a well-formed template") == true)
    }

    @Test func `a part stands where a page includes it, and its values are escaped there`() throws {
        try directory.write("a-part.html", TemplateDirectory.marker + "\n<b title=\"{{V}}\">{{V}}</b>\n")
        var values = Values()
        values.set("V", "\"<")
        let page = try render("<p>\n{{>A-PART}}\n{{>A-PART}}</p>", values)
        let part = "<b title=\"&quot;&lt;\">&quot;&lt;</b>"
        #expect(page == "<p>\n\(part)\n\(part)</p>")
    }

    @Test(arguments: [
        (nil, "a-part.html: No such file or directory"),
        ("<b>no marker</b>", "a-part.html does not begin with"),
    ])
    func `a part that cannot be used is refused by name`(content: String?, reason: String) throws {
        try directory.write("layout.html", layout)
        try directory.write("page.html", TemplateDirectory.marker + "{{>A-PART}}")
        if let content { try directory.write("a-part.html", content) }
        let error = #expect(throws: TemplateDirectory.Unusable.self) {
            try TemplateDirectory(path: directory.path, pages: ["page"])
        }
        #expect(error?.description.contains(reason) == true)
    }

    @Test func `a missing file is refused by name`() throws {
        try directory.write("layout.html", layout)
        let error = #expect(throws: TemplateDirectory.Unusable.self) {
            try TemplateDirectory(path: directory.path, pages: ["page"])
        }
        #expect(error?.description.contains("page.html: No such file or directory") == true)
    }

    @Test(arguments: [
        ("<p>{{V}}</p>", "<b>&\"'", "<p>&lt;b&gt;&amp;&quot;&#39;</p>"),
        ("<input value=\"{{V}}\">", "\" onfocus=\"x", "<input value=\"&quot; onfocus=&quot;x\">"),
        ("<a href=\"{{V}}\">x</a>", "javascript:alert(1)", "<a href=\"#\">x</a>"),
        ("<a href=\"{{V}}\">x</a>", "/a?b=c&d=\"", "<a href=\"/a?b=c&amp;d=&quot;\">x</a>"),
        ("<a href=\"{{V}}\">x</a>", "https://example.org/", "<a href=\"https://example.org/\">x</a>"),
        ("<form action=\"{{V}}\">", "JavaScript:alert(1)", "<form action=\"#\">"),
        ("<title>{{V}}</title>", "</title><script>", "<title>&lt;/title&gt;&lt;script&gt;</title>"),
        (
            "<textarea>{{V}}</textarea>", "</textarea><script>",
            "<textarea>&lt;/textarea&gt;&lt;script&gt;</textarea>"
        ),
        ("<p>{{V}}</p>", "é😀", "<p>é😀</p>"),
        ("<p>{{V}}</p>", "", "<p></p>"),
        ("<p>{{V}}</p>", "{{V}}", "<p>{{V}}</p>"),
    ])
    func `a value is escaped by where it stands`(page: String, value: String, expected: String) throws {
        var values = Values()
        values.set("V", value)
        #expect(try render(page, values) == expected)
    }

    @Test func `a value keeps its line breaks where the template says so, and is escaped`() throws {
        var values = Values()
        values.set("V", "one\n<two>\n\nthree")
        #expect(try render("<p>{{V:p}}</p>", values) == "<p>one\n&lt;two&gt;\n\nthree</p>")
    }

    @Test func `a section appears once for each set of values, in order`() throws {
        var values = Values()
        values.set("OUTER", "o")
        for text in ["a", "b", "c"] {
            var item = Values()
            item.set("V", text)
            item.show("INNER", if: text == "b")
            values.add("ITEM", item)
        }
        let page = "<ul>{{#ITEM}}<li>{{V}}{{OUTER}}{{#INNER}}!{{/INNER}}</li>{{/ITEM}}</ul>"
        #expect(try render(page, values) == "<ul><li>ao</li><li>bo!</li><li>co</li></ul>")
    }

    @Test func `a section that is not shown leaves nothing`() throws {
        var values = Values()
        values.show("SHOWN", if: true)
        values.show("HIDDEN", if: false)
        let page = "<p>{{#SHOWN}}yes{{/SHOWN}}{{#HIDDEN}}no{{/HIDDEN}}{{#OTHER}}no{{/OTHER}}{{UNSET}}</p>"
        #expect(try render(page, values) == "<p>yes</p>")
    }

    @Test func `of two values for a variable the later one wins`() throws {
        var everywhere = Values()
        everywhere.set("BASE", "/labels")
        everywhere.set("V", "global")
        var values = Values()
        values.set("V", "own")
        #expect(try render("<p>{{BASE}} {{V}}</p>", values, everywhere: everywhere) == "<p>/labels own</p>")
    }

    @Test func `a changed file changes nothing after loading`() throws {
        try directory.write("layout.html", layout)
        try directory.write("page.html", TemplateDirectory.marker + "\n<p>1</p>")
        let templates = try TemplateDirectory(path: directory.path, pages: ["page"])
        let render = {
            try templates.render(page: "page", Values())
        }
        let before = try render()
        try directory.write("page.html", "<p>2</p>")
        #expect(try render() == before)
    }

    @Test func `many threads render at once without mixing`() async throws {
        try directory.write("layout.html", layout)
        try directory.write("page.html", TemplateDirectory.marker + "\n{{#ITEM}}{{V}},{{/ITEM}}")
        let templates = try TemplateDirectory(path: directory.path, pages: ["page"])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask {
                    var values = Values()
                    for _ in 0..<100 {
                        var item = Values()
                        item.set("V", "\(number)")
                        values.add("ITEM", item)
                    }
                    let page = try templates.render(
                        page: "page", values)
                    let expected = "<html>" + String(repeating: "\(number),", count: 100) + "</html>\n"
                    #expect(String(decoding: page, as: UTF8.self) == expected)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `constants are filled in once, escaped, and start no marker`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("layout.html", TemplateDirectory.marker + "<a href=\"{{BASE}}/x\">{{>MAIN}}</a>")
        try directory.write("page.html", TemplateDirectory.marker + "{{BASE}}{{A}}")
        let templates = try TemplateDirectory(
            path: directory.path, pages: ["page"], constants: ["BASE": "/a&'\"<>{{A}}"])
        var values = Values()
        values.set("A", "b")
        let text = String(decoding: try templates.render(page: "page", values), as: UTF8.self)
        let base = "/a&amp;&#39;&quot;&lt;&gt;&#123;&#123;A}}"
        #expect(text == "<a href=\"\(base)/x\">\(base)b</a>")
    }
}

import HTTP
import Testing

struct MultipartTests {
    private static let type = "multipart/form-data; boundary=xyz"

    private func parse(_ body: String, _ type: String = Self.type) -> Multipart? {
        Multipart(parsing: Array(body.utf8), contentType: type)
    }

    private func text(_ part: Multipart.Part) -> String {
        String(decoding: part.content, as: UTF8.self)
    }

    private static let disposition = "Content-Disposition: form-data; name=\"a\""

    @Test func `fields and files come in the order sent, with what was said about them`() throws {
        let form = try #require(
            parse(
                "--xyz\r\n\(Self.disposition)\r\n\r\none\r\n"
                    + "--xyz\r\ncontent-type: image/PNG; x=y\r\n"
                    + "content-disposition: FORM-DATA; filename=\"a b.png\"; name=\"photo\"\r\n\r\n"
                    + "\r\n-- \r\n\r\n--xyz--\r\n"))
        #expect(form.parts.map(\.name) == ["a", "photo"])
        #expect(form.parts.map(\.fileName) == [nil, "a b.png"])
        #expect(form.parts.map(\.contentType) == [nil, "image/png"])
        #expect(form.parts.map(text) == ["one", "\r\n-- \r\n"])
        #expect(Form(form)?["a"] == "one")
        #expect(Form(form)?["photo"] == nil)
    }

    @Test func `bytes that are no text are left as they are`() throws {
        let content = (0...255).map { UInt8($0) }
        let body = Array("--xyz\r\n\(Self.disposition)\r\n\r\n".utf8) + content + Array("\r\n--xyz--".utf8)
        let form = try #require(Multipart(parsing: body, contentType: Self.type))
        #expect(form.parts.map { Array($0.content) } == [content])
        #expect(Form(form) == nil)
    }

    @Test(arguments: [
        "--xyz--",
        "--xyz--\r\n",
        "--xyz--whatever\r\n--xyz\r\n",
        "before\r\n--xyz--",
        "\r\n--xyz--",
    ])
    func `a form may have no part, and something before and behind`(body: String) throws {
        #expect(try #require(parse(body)).parts.isEmpty)
    }

    @Test(arguments: [
        ("--xyz\r\n\(disposition)\r\n\r\n\r\n--xyz--", ""),
        ("--xyz\r\n\(disposition)\r\n\r\n--xyz--", ""),
        ("--xyz \t\r\n\(disposition)\r\n\r\nv\r\n--xyz--", "v"),
        ("--xyz\r\n\(disposition)\r\n\r\n --xyz\n--xyz--\r\r\n--xyz--", " --xyz\n--xyz--\r"),
        ("--xyz\r\n\(disposition)\r\n\r\n \r\n--xy\r\n--xyz--", " \r\n--xy"),
        ("--xyz\r\nX: y\r\n\(disposition)\r\nContent-Transfer-Encoding: Binary\r\n\r\nv\r\n--xyz--", "v"),
    ])
    func `content ends before the line break of a delimiter`(body: String, content: String) throws {
        #expect(try #require(parse(body)).parts.map(text) == [content])
    }

    @Test(arguments: [
        "",
        "--xyz",
        "--xyz\r\n",
        "--xyz\n--xyz--",
        "--xyzz\r\n\(disposition)\r\n\r\nv\r\n--xyz--",
        "--xyz\r\n\(disposition)\r\n\r\nv",
        "--xyz\r\n\(disposition)\r\n\r\nv\r\n--xyz\r\n",
        "--xyz\r\n\(disposition)\r\n\r\nv\n--xyz--",
        "--xyz\r\n\(disposition)\r\n\r\nv\r\n--xyzw\r\n--xyz--",
        "--xyz\r\n\(disposition)\r\nv\r\n--xyz--",
        "--xyz\r\n\r\nv\r\n--xyz--",
        "--xyz\r\n\(disposition)\r\n\(disposition)\r\n\r\nv\r\n--xyz--",
        "--xyz\r\n\(disposition); name=\"b\"\r\n\r\nv\r\n--xyz--",
        "--xyz\r\n\(disposition)\r\n filename=\"x\"\r\n\r\nv\r\n--xyz--",
        "--xyz\r\n\(disposition)\r\nContent-Type : a\r\n\r\nv\r\n--xyz--",
        "--xyz\r\n\(disposition)\r\nContent-Type: a\r\nContent-Type: b\r\n\r\nv\r\n--xyz--",
        "--xyz\r\n\(disposition)\r\nContent-Transfer-Encoding: base64\r\n\r\nv\r\n--xyz--",
        "--xyz\r\nContent-Disposition: form-data; name=\"a\r\n\r\nv\r\n--xyz--",
        "--xyz\r\nContent-Disposition: form-data; name=\"a\u{1}\"\r\n\r\nv\r\n--xyz--",
        "--xyz\r\nContent-Disposition: form-data\r\n\r\nv\r\n--xyz--",
        "--xyz\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nv\r\n--xyz--",
    ])
    func `what is cut off or malformed is refused`(body: String) {
        #expect(parse(body) == nil)
    }

    @Test(arguments: [
        ("name=a", "a"),
        ("name=\"a\\\"b\\\\c\"", "a\"b\\c"),
        ("name=\"C:\\dir\\x\"", "C:\\dir\\x"),
        ("name=\"%22\"", "%22"),
        ("name=\"a;b=c\" ", "a;b=c"),
        ("name=\"\"", ""),
        ("name=\"ü\u{301}\"", "ü\u{301}"),
        (" ; NAME = \"a\" ;", "a"),
    ])
    func `a name is read as its sender means it`(parameter: String, name: String) throws {
        let body = "--xyz\r\nContent-Disposition: form-data; \(parameter)\r\n\r\nv\r\n--xyz--"
        #expect(try #require(parse(body)).parts.map { Array($0.name.utf8) } == [Array(name.utf8)])
    }

    @Test(arguments: [
        "multipart/form-data; boundary=\"xyz\"",
        "Multipart/Form-Data;BOUNDARY=xyz;charset=utf-8",
        "multipart/form-data; charset=utf-8; boundary=xyz;",
    ])
    func `the boundary stands in the type`(type: String) {
        #expect(parse("--xyz--", type) != nil)
    }

    @Test(arguments: [
        "", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
        "multipart/mixed; boundary=xyz", "text/plain; boundary=xyz",
        "multipart/form-data; boundary=xyz; boundary=abc", "multipart/form-data; boundary=\"xyz",
        "multipart/form-data; boundary=x y z", "multipart/form-data; boundary=\"xyz \"",
        "multipart/form-data; boundary=\"\r\"",
        "multipart/form-data; boundary=\(String(repeating: "x", count: 71))",
    ])
    func `without a boundary there are no parts`(type: String) {
        #expect(parse("--xyz--", type) == nil)
    }

    @Test func `a boundary of 70 characters is the longest`() {
        let boundary = String(repeating: "x", count: 70)
        #expect(parse("--\(boundary)--", "multipart/form-data; boundary=\(boundary)") != nil)
    }

    @Test func `as many parts and as long a header as the limits are read, more is refused`() {
        let part = "--xyz\r\n\(Self.disposition)\r\n\r\nv\r\n"
        let most = String(repeating: part, count: Multipart.partLimit)
        #expect(parse(most + "--xyz--")?.parts.count == Multipart.partLimit)
        #expect(parse(most + part + "--xyz--") == nil)
        let fixed = "\(Self.disposition)\r\nX: \r\n".utf8.count
        for excess in 0...1 {
            let filler = String(repeating: "x", count: Multipart.headerLimit - fixed + excess)
            let body = "--xyz\r\n\(Self.disposition)\r\nX: \(filler)\r\n\r\nv\r\n--xyz--"
            #expect((parse(body) == nil) == (excess == 1))
        }
    }

    @Test func `the first file is the first that was chosen`() throws {
        func part(_ fileName: String, _ content: String) -> String {
            "--xyz\r\n\(Self.disposition)\(fileName)\r\n\r\n\(content)\r\n"
        }
        let unchosen = part("; filename=\"\"", "")
        #expect(parse(part("", "v") + unchosen + "--xyz--")?.firstFile == nil)
        for chosen in ["; filename=\"x\"", "; filename*=utf-8''%C3%BC", "; filename=\"\""] {
            let form = try #require(
                parse(unchosen + part(chosen, "v") + part("; filename=x", "w") + "--xyz--"))
            #expect(form.firstFile.map(text) == "v")
        }
        #expect(parse(part("; filename=\"x\"", "") + "--xyz--")?.firstFile?.content.isEmpty == true)
    }

    @Test func `a body that ends anywhere is refused, and never read beyond its end`() {
        let body = Array("x\r\n--xyz\r\n\(Self.disposition)\r\n\r\nv\r\n--xyz--".utf8)
        for count in 0..<body.count {
            #expect(Multipart(parsing: Array(body.prefix(count)), contentType: Self.type) == nil)
        }
    }
}

import HTTP
import Testing

struct ResponseTests {
    private func head(_ response: Response) -> String {
        String(decoding: response.head, as: UTF8.self)
    }

    @Test func `the head has status, type, fields and length, in this order`() {
        var response = Response(.ok, contentType: "text/html; charset=utf-8", body: Array("é".utf8))
        response.add("Cache-Control", "no-store")
        response.add("Set-Cookie", "a=1")
        response.add("Set-Cookie", "b=2")
        #expect(
            head(response)
                == "Status: 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
                + "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\n")
    }

    @Test func `an empty body has its length said, but no content has none`() {
        #expect(head(Response(.found)) == "Status: 302 Found\r\nContent-Length: 0\r\n\r\n")
        #expect(head(Response(.noContent)) == "Status: 204 No Content\r\n\r\n")
    }

    @Test(arguments: [
        ("/a\r\nSet-Cookie: evil=1", "/aSet-Cookie: evil=1"),
        ("/a\nX: y", "/aX: y"),
        ("/a\rX: y", "/aX: y"),
        ("\r\n\r\n<script>", "<script>"),
        ("a\u{0}b\u{7f}c\td", "abcd"),
        ("/ü?a=b", "/ü?a=b"),
        ("a\u{85}b\u{2028}c", "a\u{85}b\u{2028}c"),
    ])
    func `a value never becomes a field of its own`(value: String, sent: String) {
        var response = Response(.found)
        response.add("Location", value)
        #expect(head(response) == "Status: 302 Found\r\nLocation: \(sent)\r\nContent-Length: 0\r\n\r\n")
    }

    @Test func `a content type is cleaned as well`() {
        let text = head(Response(.ok, contentType: "text/html\r\nX: y"))
        #expect(text == "Status: 200 OK\r\nContent-Type: text/htmlX: y\r\nContent-Length: 0\r\n\r\n")
    }

    @Test func `every status that is sent has a phrase`() {
        for status in (100...599).compactMap(Status.init) { #expect(!status.phrase.isEmpty) }
        #expect(Status.unprocessable.phrase == "Unprocessable Content")
        #expect(Status.tooManyRequests.rawValue == 429)
    }
}

struct MethodTests {
    @Test(arguments: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", ""])
    func `a method keeps its name`(name: String) {
        #expect(Method(name).name == name)
    }

    @Test(arguments: [
        ("GET", true), ("HEAD", true), ("OPTIONS", true), ("POST", false), ("PUT", false), ("PATCH", false),
        ("DELETE", false), ("TRACE", false), ("get", false), ("PROPFIND", false),
    ])
    func `only GET, HEAD and OPTIONS are safe`(name: String, isSafe: Bool) {
        #expect(Method(name).isSafe == isSafe)
    }

    @Test func `names of methods are case-sensitive`() {
        #expect(Method("post") == .other("post"))
        #expect(Method("post") != .post)
    }
}

import Foundation
import HTTP
import Testing

@testable import Web

struct MessagesTests {
    private static func lines() throws -> [(name: String, sentence: String)] {
        let path = World.templatesDirectory + "/messages.txt"
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
            .map { line in
                let parts = line.split(separator: " = ", maxSplits: 1)
                return (String(parts[0]), parts.count == 2 ? String(parts[1]) : "")
            }
    }

    @Test func `messages and the names of sentences agree`() throws {
        let names = try Self.lines().map(\.name)
        #expect(names.sorted() == (Sentence.names + ["plural"]).sorted())
    }

    @Test func `no sentence is empty or has markup`() throws {
        for (name, sentence) in try Self.lines() {
            #expect(!sentence.isEmpty, "\(name)")
            #expect(!sentence.contains("<") && !sentence.contains("&amp;"), "\(name)")
        }
    }

    @Test(arguments: [
        Status.badRequest, .forbidden, .notFound, .methodNotAllowed, .conflict, .gone, .contentTooLarge,
        .unprocessable,
        .tooManyRequests, .internalServerError, .serviceUnavailable,
    ])
    func `every error has a page of its own that says what to do`(status: Status) throws {
        let sentences = Dictionary(uniqueKeysWithValues: try Self.lines().map { ($0.name, $0.sentence) })
        let world = try World()
        let visit = Visit(
            request: Request(method: .get, target: "/x"), client: "",
            address: try #require(PublicAddress(parsing: "http://a.example")), path: Path(parsing: "/x"),
            rawQuery: "")
        let page = world.site.errorPage(status, visit)
        #expect(page.status == status)
        for part in ["heading", "text", "advice"] {
            let sentence = try #require(sentences["error.\(status.rawValue).\(part)"])
            #expect(page.text.contains(sentence), "\(part)")
        }
        #expect(page.text.contains("<p class=\"status\">\(status.rawValue)</p>"))
        #expect(page.text.contains("href=\"/\">Go to the home page</a>"))
    }

    @Test func `no sentence that a person can meet has a hole in it`() throws {
        for page in try Subject.allPlayed.flatMap({ try $0.1.get().exchanges }).map(\.response.text) {
            #expect(!page.contains(/\{[0-9]\}/))
            #expect(!page.contains("{{"))
        }
    }
}

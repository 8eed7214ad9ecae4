import Foundation
import Testing

@testable import Web

/// Every sentence that a person reads stands in `templates`, none in the code.
struct WordsTests {
    private static let root = URL(filePath: World.templatesDirectory).deletingLastPathComponent()

    /// What these say is for programs, for the log, or for whoever configures the site.
    private static let others: Set<String> = [
        "AccessTokens.swift", "Addresses.swift", "Attempts.swift", "Gate.swift",
        "LabelingServerAddresses.swift",
        "LabelingServerGate.swift", "OpenWebSockets.swift", "SameOrigin.swift", "Site.swift",
        "SiteHosts.swift",
    ]

    /// The code of the pages: all of `Sources/Web` but the API and the above.
    private static func files() throws -> [URL] {
        let web = root.appending(path: "Sources/Web")
        let files =
            try FileManager.default.contentsOfDirectory(at: web, includingPropertiesForKeys: nil)
            + FileManager.default.contentsOfDirectory(
                at: web.appending(path: "Pages"), includingPropertiesForKeys: nil)
        return files.filter { $0.pathExtension == "swift" && !others.contains($0.lastPathComponent) }
    }

    /// The literals of a line of code, without what is filled in.
    private static func literals(_ line: Substring) -> [String] {
        let code = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
        return code.replacing(/\\\([^()]*(?:\([^()]*\)[^()]*)*\)/, with: "")
            .matches(of: /"((?:[^"\\]|\\.)*)"/).map { String($0.1) }
    }

    /// Two words beside each other.
    private static func isSentence(_ literal: String) -> Bool {
        literal.contains(/[A-Za-z]{2,} [a-z]{2,}/)
    }

    @Test func `no sentence stands in the code of the pages`() throws {
        let files = try Self.files()
        #expect(files.count > 40)
        for file in files {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                for literal in Self.literals(line) where Self.isSentence(literal) {
                    Issue.record(
                        "\(file.lastPathComponent): \"\(literal)\" belongs into templates/messages.txt")
                }
            }
        }
    }

    @Test(arguments: [
        (#"values.set("TEXT", "Your photo was saved.")"#, true),
        (#"values.set("TEXT", "\(count) people have joined")"#, true),
        (#"values.set("URL", visit.link("/projects/\(project.id.number)/"))  // Not a sentence"#, false),
        (#"response.add("Refresh", "0; url=\(entrance)")"#, false),
    ])
    func `a sentence in the code would be found`(line: String, isFound: Bool) {
        #expect(Self.literals(line[...]).contains(where: Self.isSentence) == isFound)
    }

    @Test func `no sentence stands in the script`() throws {
        let script = try String(contentsOf: Self.root.appending(path: "nginx/static/app.js"), encoding: .utf8)
        for line in script.split(separator: "\n") {
            for literal in Self.literals(line) where literal != "use strict" {
                #expect(!literal.contains(/^[A-Z][a-z]+( |$)/) || literal == "Escape", "\(literal)")
                #expect(!Self.isSentence(literal), "\(literal)")
            }
        }
    }

    @Test func `every word that the script shows stands in the layout`() throws {
        let script = try String(contentsOf: Self.root.appending(path: "nginx/static/app.js"), encoding: .utf8)
        let layout = try String(contentsOfFile: World.templatesDirectory + "/layout.html", encoding: .utf8)
        let live = try #require(layout.firstMatch(of: /<p id="live"[^>]*>/)).0
        let words = Set(script.matches(of: /words\.([A-Za-z]+)/).map { String($0.1) })
        let known = live.matches(of: /data-([a-z-]+)="[^"]+"/).map { match in
            let parts = match.1.split(separator: "-")
            return String(parts[0]) + parts.dropFirst().map(\.capitalized).joined()
        }
        #expect(words.count > 5)
        #expect(words == Set(known))
    }

    @Test func `pages use one word for one thing, and none that blames`() throws {
        var texts: [(String, String)] = []
        for directory in ["templates", "nginx/errors"] {
            for file in try FileManager.default.contentsOfDirectory(
                at: Self.root.appending(path: directory), includingPropertiesForKeys: nil)
            where ["html", "txt"].contains(file.pathExtension) {
                texts.append((file.lastPathComponent, try String(contentsOf: file, encoding: .utf8)))
            }
        }
        #expect(texts.count > 40)
        // Words that tell nobody what to do, or that have another word here.
        let avoided = try Regex(
            "(?i)\\b(?:please|invalid|forbidden|illegal|sorry|oops|unfortunately|sign(?:ed)? (?:in|out)"
                + "|register(?:s|ed)?|whoever runs|the owner of)\\b")
        for (name, text) in texts {
            // Attributes hold names, but for those that are read to people.
            let words = text.replacing(/\s(?!aria-label|alt|data-)[a-z-]+="[^"]*"/, with: "")
            for match in words.matches(of: avoided) { Issue.record("\(name): \(words[match.range])") }
        }
    }

    @Test func `every sentence is used`() throws {
        var code = ""
        let sources = Self.root.appending(path: "Sources/Web")
        for case let file as URL in try #require(
            FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        where file.pathExtension == "swift" && file.lastPathComponent != "Sentence.swift" {
            code += try String(contentsOf: file, encoding: .utf8)
        }
        let used = Set(code.matches(of: /\.([a-z][A-Za-z0-9]*)/).map { String($0.1) })
        for sentence in Sentence.allCases {
            #expect(used.contains("\(sentence)"), "\(sentence.rawValue)")
        }
    }
}

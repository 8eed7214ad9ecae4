import Foundation
import Templates
import Testing

struct MessagesTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func messages(_ content: String, _ names: [String]) throws -> Messages {
        try Messages(path: try directory.write("messages.txt", content), names: names)
    }

    private func problem(_ content: String, _ names: [String]) -> String? {
        #expect(throws: Messages.Unusable.self) { try messages(content, names) }?.description
    }

    @Test func `sentences are found by their names`() throws {
        let messages = try messages(
            "# a comment\n\na = One sentence.\n\nb=Two\nc.d-e = x = y\n#f = not this\n", ["a", "b", "c.d-e"])
        #expect(messages.sentence("a") == "One sentence.")
        #expect(messages.sentence("b") == "Two")
        #expect(messages.sentence("c.d-e") == "x = y")
    }

    @Test(
        arguments: [
            ("{0}", ["x"], "x"),
            ("a {0} b {1} c", ["1", "2"], "a 1 b 2 c"),
            ("{1}{0}{1}", ["a", "b"], "bab"),
            ("{0}", ["{0}"], "{0}"),
            ("{0} {1}", ["{1}", "x"], "{1} x"),
            ("at most {0} characters", [], "at most {0} characters"),
            ("{2}", ["a"], ""),
            ("no place", ["a"], "no place"),
            ("{0", ["a"], "{0"),
            ("é {0}", ["😀"], "é 😀"),
        ] as [(String, [String], String)])
    func `values take their places`(sentence: String, arguments: [String], expected: String) throws {
        let messages = try messages("a = \(sentence)", ["a"])
        #expect(messages.sentence("a", arguments) == expected)
    }

    @Test func `a name without a sentence is refused, all at once`() {
        let text = problem("b = x", ["a", "b", "c"])
        #expect(text?.hasSuffix("messages.txt lacks a, c") == true)
    }

    @Test func `a sentence that nothing uses is refused`() {
        let text = problem("a = x\nz = y\nb = w", ["a"])
        #expect(text?.hasSuffix("messages.txt: nothing uses b, z") == true)
    }

    @Test func `a name that stands there twice is refused`() {
        #expect(problem("a = x\na = x", ["a"])?.hasSuffix("messages.txt: a stands there twice") == true)
    }

    @Test func `a line without an equals sign is refused and shown`() {
        #expect(problem("a = x\nnonsense", ["a"])?.hasSuffix("a line without '=': nonsense") == true)
    }

    @Test func `a missing file is refused by name`() {
        let error = #expect(throws: Messages.Unusable.self) {
            try Messages(path: directory.path + "/none.txt", names: [])
        }
        #expect(error?.description.hasSuffix("/none.txt: No such file or directory") == true)
    }

    @Test func `a long file is read to its end`() throws {
        let names = (0..<5_000).map { "name\($0)" }
        let messages = try messages(names.map { "\($0) = sentence \($0)\n" }.joined(), names)
        #expect(messages.sentence("name4999") == "sentence name4999")
    }
}

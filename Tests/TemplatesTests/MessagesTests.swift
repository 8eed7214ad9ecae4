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

    @Test(
        arguments: [
            (nil, [(0, "dogs"), (1, "dog"), (2, "dogs"), (21, "dogs")]),
            ("0", [(0, "dog"), (7, "dog")]),
            ("n > 1", [(0, "dog"), (1, "dog"), (2, "dogs")]),
            (
                "n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2",
                [
                    (1, "dog"), (2, "dogs"), (4, "dogs"), (5, "DOGS"), (11, "DOGS"), (12, "DOGS"),
                    (21, "dog"),
                    (22, "dogs"), (111, "DOGS"), (122, "dogs"), (0, "DOGS"),
                ]
            ),
            ("(n==0 ? 0 : n<=1 ? 1 : !(n>5) ? 2 : 1)", [(0, "dog"), (1, "dogs"), (5, "DOGS"), (6, "dogs")]),
        ] as [(String?, [(Int, String)])])
    func `a word has the form that the rule of the language says`(
        rule: String?, forms: [(number: Int, form: String)]
    ) throws {
        let line = rule.map { "plural = \($0)\n" } ?? ""
        let messages = try messages(line + "a = {1}: {0} {0|dog|dogs|DOGS}", ["a"])
        for (number, form) in forms {
            let sentence = messages.sentence("a", ["\(number)", "x"])
            #expect(sentence == "x: \(number) \(form)")
        }
    }

    @Test(arguments: [
        "m != 1", "n !=", "", "(n", "n)", "n ? 1", "n ? 1 : ", "!!n", "n == 1 exit", "99999999999999999999",
        String(repeating: "(", count: 100_000), String(repeating: "n?n:", count: 100_000),
    ])
    func `what is no rule is refused`(rule: String) {
        #expect(
            problem("plural = \(rule)\na = x", ["a"])?.hasSuffix("plural is no rule such as n != 1") == true)
    }

    @Test func `a word with fewer forms than the rule asks for is refused`() {
        let rule = "plural = n == 1 ? 0 : n == 2 ? 1 : 2\n"
        let text = problem(rule + "a = {0|dog|dogs|DOGS}\nb = x {0|dog|dogs}", ["a", "b"])
        #expect(text?.hasSuffix("messages.txt: b has a word with fewer than 3 forms") == true)
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

import Testing

@testable import LabelStudio

struct SettingTests {
    @Test func `every setting has a variable with our prefix, and no two share one`() {
        let variables = Setting.allCases.flatMap(\.variables)
        #expect(Set(variables).count == variables.count)
        for setting in Setting.allCases {
            #expect(setting.variables.first == "LABEL_STUDIO_\(setting.rawValue)")
        }
    }

    @Test func `no two flags of a command share a name or letter`() {
        for command in Command.allCases {
            let flags = Setting.allCases.compactMap(\.flag).filter { $0.commands.contains(command) }
            let names = flags.map(\.name.description)
            let letters = flags.compactMap(\.letter)
            #expect(Set(names).count == names.count)
            #expect(Set(letters).count == letters.count)
        }
    }

    @Test func `start has the flags that the documentation names`() {
        let names = Set(
            Setting.allCases.compactMap(\.flag).filter { $0.commands.contains(.start) }.map(
                \.name.description))
        #expect(
            names.isSuperset(of: [
                "username", "password", "user-token", "host", "internal-host", "port", "data-dir", "database",
                "log-level", "no-browser",
            ]))
        #expect(Setting.port.flag?.letter == "p")
        #expect(Setting.noBrowser.flag?.letter == "b")
    }

    @Test func `the command line is read by the table`() {
        let parser = CommandLineParser(
            command: .start,
            arguments: [
                "--username", "a@example.com", "--password=correct horse", "-p", "9000", "-b", "--log-level",
                "INFO",
            ])
        #expect(
            parser.flags == [
                .username: "a@example.com", .password: "correct horse", .port: "9000", .noBrowser: "true",
                .logLevel: "INFO",
            ])
        #expect(parser.operands == [])
        #expect(CommandLineParser(command: .invite, arguments: ["--port", "1", "show"]).operands == ["show"])
        #expect(CommandLineParser(command: .start, arguments: ["-p9000"]).flags == [.port: "9000"])
        #expect(CommandLineParser(command: .start, arguments: ["--username="]).flags == [.username: ""])
    }

    @Test func `commands have the names that scripts know`() {
        #expect(
            Command.allCases.map(\.rawValue) == [
                "start", "fastcgi", "user", "sessions", "invite", "reset_password", "import", "export",
                "backup",
                "restore", "check", "upstream", "version",
            ])
    }
}

struct LogTests {
    @Test(arguments: [
        ("plain", "plain"), ("/user/login/", "/user/login/"), ("é😀", "é😀"), ("a:b;c", "a:b;c"),
        ("", #""""#), ("two words", #""two words""#), ("a=b", #""a=b""#), (#"say "x""#, #""say \"x\"""#),
        (#"back\slash"#, #""back\\slash""#),
        ("line\nbreak", #""line\u{a}break""#), ("\r", #""\u{d}""#), ("\0", #""\u{0}""#),
        ("\u{1b}[31m", #""\u{1b}[31m""#),
        ("a\u{7f}", #""a\u{7f}""#), ("a\u{85}b", #""a\u{85}b""#), ("a\u{2028}b", #""a\u{2028}b""#),
        ("a\u{202e}b", #""a\u{202e}b""#), ("a\u{200b}b", #""a\u{200b}b""#), ("\u{feff}", #""\u{feff}""#),
        ("x level=error", #""x level=error""#), (#"\u{a}"#, #""\\u{a}""#), ("e\u{301}", "e\u{301}"),
        ("\r\n2026-01-01T00:00:00Z error forged", #""\u{d}\u{a}2026-01-01T00:00:00Z error forged""#),
    ])
    func `a value cannot end its line or look like another field`(value: String, quoted: String) {
        #expect(Array(Log.quoted(value).utf8) == Array(quoted.utf8))
    }
}

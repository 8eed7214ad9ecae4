import PasswordStrength
import Testing

@testable import Accounts

struct EmailAddressTests {
    @Test(arguments: [
        ("a@example.com", "a@example.com"),
        (" \tA.B@Example.COM\r\n", "a.b@example.com"),
        ("a@localhost", "a@localhost"), ("A@LOCALHOST", "a@localhost"),
        ("a@[127.0.0.1]", "a@[127.0.0.1]"), ("a@[::1]", "a@[::1]"), ("a@[2001:DB8::1]", "a@[2001:db8::1]"),
        ("\"quoted\"@example.com", "\"quoted\"@example.com"), ("\"a@b\"@example.com", "\"a@b\"@example.com"),
        (#""a\"b"@example.com"#, #""a\"b"@example.com"#), ("\"..\"@example.com", "\"..\"@example.com"),
        ("a+tag@example.com", "a+tag@example.com"),
        ("!#$%&'*+/=?^_`{}|~-@example.com", "!#$%&'*+/=?^_`{}|~-@example.com"),
        ("a@bücher.example", "a@bücher.example"), ("a@例え.テスト", "a@例え.テスト"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@sub.sub.example.co", "a@sub.sub.example.co"),
        ("a@1.example.com", "a@1.example.com"), ("a@ex-ample.com", "a@ex-ample.com"),
        ("a.b.c@example.com", "a.b.c@example.com"),
        ("default_user@localhost", "default_user@localhost"),
    ])
    func `an address is trimmed and lower-cased`(input: String, text: String) throws {
        #expect(try EmailAddress(parsing: input).text == text)
    }

    @Test(arguments: [
        "a", "@", "a@", "@example.com", "a@b", "a@127.0.0.1", "a@x.c", "ä@example.com", "é@localhost",
        "a b@example.com",
        "a@exa mple.com", "a@@example.com", "a@b@example.com", ".a@example.com", "a.@example.com",
        "a..b@example.com",
        "a@.example.com", "a@example..com", "a@example.com.", "a@-example.com", "a@example-.com",
        "a@example.com-",
        "a@example_x.com", "a@example.c-", "a@localhost.", "a@[127.0.0.1", "a@127.0.0.1]", "a@[]",
        "a@[1.2.3]",
        "a@[1.2.3.256]", "a@[1.2.3.4.5]", "a@[example.com]", "\"a@example.com", "a\"b@example.com",
        "\"a\"b\"@example.com",
        "\"a b\"@example.com", "\"a\\\"@example.com", "a@example.123", "a\0@example.com", "a@example\0.com",
        "a\n@example.com", "a@example.com\nb@example.com", "a,b@example.com", "<a@example.com>",
        "a@example.com>",
        "Ada <a@example.com>", "mailto:a@example.com", "a@http://example.com", "a(x)@example.com", "admin",
        "a@\(String(repeating: "x", count: 64)).com", "a@😀.example", "a@*.example.com", "a@[+1.2.3.4]",
        "a@[:]",
        "\u{212A}elvin@example.com", "a@\u{301}example.com",
    ])
    func `what is no address is malformed`(input: String) {
        #expect(throws: EmailAddress.Problem.malformed) { try EmailAddress(parsing: input) }
    }

    @Test func `an address with a bare word as domain is refused`() {
        #expect(throws: EmailAddress.Problem.malformed) { try EmailAddress(parsing: "a@word") }
    }

    @Test(arguments: ["", " ", "\t\r\n", "\u{a0}"])
    func `white space is no address`(input: String) {
        #expect(throws: EmailAddress.Problem.missing) { try EmailAddress(parsing: input) }
    }

    @Test func `254 characters are accepted, one more is too long`() throws {
        let domain =
            "@" + Array(repeating: String(repeating: "x", count: 60), count: 3).joined(separator: ".")
            + ".com"
        let longest = String(repeating: "a", count: 254 - domain.utf8.count) + domain
        #expect(try EmailAddress(parsing: longest).text.utf8.count == 254)
        #expect(throws: EmailAddress.Problem.tooLong) { try EmailAddress(parsing: "a" + longest) }
        #expect(throws: EmailAddress.Problem.tooLong) {
            try EmailAddress(parsing: String(repeating: "a", count: 1_000))
        }
        #expect(try EmailAddress(parsing: "  " + longest + "  ").text.utf8.count == 254)
    }

    @Test func `a label has 63 characters at most`() throws {
        _ = try EmailAddress(parsing: "a@" + String(repeating: "x", count: 63) + ".com")
    }
}

struct PasswordTests {
    @Test(arguments: [
        ("tr4vxq!u", 8), (" tr 4vx ", 8), ("ｔｒ４ｖｘｑ！ｕ", 8), ("😀🐙🎈🚲🍋🪁🦉🌵", 8), ("kelp word\t\n", 8),
        ("tr4vxq!u" + String(repeating: "a", count: 1016), 8), ("e\u{301}n\u{303}o\u{308}u\u{30c}", 8),
        ("tr4vxq!u-mbaiwe", 15),
    ])
    func `a new password of enough characters is taken as it was typed`(text: String, minimum: Int) throws {
        #expect(try Array(Password(new: text, minimum: minimum, knowing: []).text.utf8) == Array(text.utf8))
    }

    @Test(
        arguments: [
            ("", 8, .missing), ("1234567", 8, .tooShort), ("😀😀😀😀😀😀😀", 8, .tooShort), ("éééé", 8, .tooShort),
            ("abcdefghijklmn", 15, .tooShort),
            (String(repeating: "a", count: 1025), 8, .tooLong),
            (String(repeating: "😀", count: 257), 8, .tooLong),
            ("abcdefgh\0", 8, .containsNUL), ("\0", 8, .containsNUL),
            ("12345678", 8, .weak(.commonPassword)), ("aaaaaaaa", 8, .weak(.repeated)),
            ("label studio", 8, .weak(.aboutYou)), ("Ada@Example.com", 8, .weak(.aboutYou)),
            ("Birdwatchers", 8, .weak(.aboutYou)),
        ] as [(String, Int, Password.Problem)])
    func `a password against the rule is refused with the reason`(
        text: String, minimum: Int, problem: Password.Problem
    ) {
        #expect(throws: problem) {
            try Password(new: text, minimum: minimum, knowing: ["ada@example.com", "Birdwatchers"])
        }
    }

    @Test func `a password is not printed by accident`() {
        let password = Password(claimed: "correct horse")
        #expect("\(password)" == "(password)")
        #expect(String(reflecting: password) == "(password)")
        var dumped = ""
        dump([password], to: &dumped)
        #expect(!dumped.contains("correct"))
    }
}

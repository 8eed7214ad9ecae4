import Measuring
import PasswordStrength
import Testing
import Threads

private let words = ["ann.smith@example.org", "Acme Labels", "Label Studio"]

private func strength(_ password: String) -> PasswordStrength {
    PasswordStrength(of: password, knowing: words)
}

struct PasswordStrengthTests {
    @Test(
        arguments: [
            ("password", .commonPassword), ("P@ssw0rd", .commonPassword), ("PASSWORD", .commonPassword),
            ("drowssap", .commonPassword), ("12345678", .commonPassword), ("qwertyuiop", .commonPassword),
            ("Password1!", .commonWords), ("mysamplepassword", .commonWords), ("letmein1", .commonWords),
            ("aaaaaaaa", .repeated), ("abcabcabc", .repeated), ("passwordpassword", .repeated),
            ("%%%%%%%%", .repeated), ("xkcxkcxkcxkc", .repeated), ("éééééééé", .repeated),
            ("abcdefgh", .sequence), ("hgfedcba", .sequence), ("1357911", .sequence),
            ("tgbnhy", .keyboardPattern), ("lkjhgfd", .keyboardPattern),
            ("19851985", .date), ("1985-12-31", .date), ("31121985", .date), ("1964", .date),
            ("q", .guessable), ("", .guessable), ("x9", .guessable), ("~%q", .guessable),

        ] as [(String, Weakness)])
    func `a weak password is told why`(password: String, weakness: Weakness) {
        #expect(strength(password).weakness == weakness)
        #expect(strength(password).isWeak)
        #expect(strength(password).bits < PasswordStrength.minimumBits)
    }

    @Test(arguments: [
        "ann.smith@example.org", "ANN.SMITH@EXAMPLE.ORG", "ann.smith", "Ann.Smith1", "smith", "Smithsmith",
        "htims.nna", "7391ann", "acme labels", "Acme Labels", "acmelabels", "AcmeLabels1", "@cm3 l@b3ls",
        "label studio",
        "LabelStudio!", "annsmith@example",
    ])
    func `what is made of the person's words is weak`(password: String) {
        #expect(strength(password).weakness == .aboutYou)
    }

    @Test(arguments: [
        "Gärtnerei Müller-Lüdenscheidt & Söhne",
        "a.very.long.and.quite.unguessable.local.part@a.very.long.domain.name.of.many.parts.example.org",
        "Ж", "kX9v#2Lq!zR7wT0b",
    ])
    func `what is one of the words is weak, whatever its bits`(word: String) {
        for password in [word, word.uppercased(), word.lowercased()] {
            #expect(PasswordStrength(of: password, knowing: [word]).weakness == .aboutYou)
        }
    }

    @Test(arguments: [
        "correct horse battery staple", "kX9v#2Lq!zR7wT0b", "Xk9-marmalade-train", "w5hq-8rkd-2vnx",
        "Straße über Köln bei Nacht", "зелёный трамвай у моста", "静かな緑の川沿いの道", "🦊🎻🌋🧊🚲🧄",
        "Ann Smith rides a purple tram", "8291054736281", "Acme Labels pays for marmalade",
        "a.very.long.and.quite.unguessable.local.part",
    ])
    func `a strong password passes`(password: String) {
        #expect(!strength(password).isWeak)
        #expect(strength(password).bits >= PasswordStrength.minimumBits)
    }

    @Test func `a character beyond ASCII counts once, and is not taken for a letter`() {
        #expect(strength("🦊🎻").isWeak)
        // Their numbers end as those of the letters of "password" do.
        #expect(!strength("ѰѡѳѳѷѯѲѤ").isWeak)
        #expect(!strength("\0kX9v#2Lq!zR7wT0b").isWeak)
    }

    @Test(arguments: ["a", "1", "password", "qwerty", "1985", "ann.smith", "ab", "@", "é"])
    func `to repeat what is weak does not make it strong`(part: String) {
        let password = String(repeating: part, count: 1024 / part.utf8.count)
        #expect(strength(password).isWeak)
    }

    @Test func `without words a password is judged by itself`() {
        #expect(PasswordStrength(of: "ann.smith@example.org", knowing: []).weakness == nil)
        #expect(PasswordStrength(of: "", knowing: ["", "@", "."]).weakness == .guessable)
        #expect(PasswordStrength(of: "password", knowing: [""]).weakness == .commonPassword)
    }

    @Test func `a flood of words to compare with costs little`() {
        let words = (0..<16_000).map { "w\($0)" }.joined(separator: "-")
        let start = processorTime()
        _ = PasswordStrength(of: "violet kettle 42", knowing: [words])
        #expect(processorTime() - start < .milliseconds(500))
    }

    @Test(
        .enabled(if: !isSanitized),
        arguments: [
            "a", "1", "|", "qwertyuiopasdfghjklzxcvbnm", "password", "correcthorsebatterystaple", "p@$$w0rd",
            "@4$5!1|0",
            "1234567890", "1985-12-31", "kX9v#2Lq!zR7wT0bN", "é", "1l|i", "lol1", "ab", "\u{301}", "🦊",
        ])
    func `1,024 bytes take less than 5 ms`(part: String) {
        let password = String(repeating: part, count: 1024 / part.utf8.count)
        // Words that are found at many places.
        let email =
            (1...20).map { String(repeating: part, count: $0) }.joined(separator: ".") + "@example.org"
        let times = (0..<5).map { _ in
            let start = processorTime()
            _ = PasswordStrength(of: password, knowing: [email, part, "Acme Labels"])
            return processorTime() - start
        }
        // The first one reads the words from the disk.
        #expect(times.min()! < .milliseconds(5))
    }

    @Test func `any text is judged`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 0...120, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            // Of few characters, so that there are many matches.
            let few = bytes.map { Array("a1@|.ß\0A9l")[Int($0) % 10] }
            for text in [String(decoding: bytes, as: UTF8.self), String(few)] {
                let bits = PasswordStrength(of: text, knowing: [text + "x", String(text.prefix(5))]).bits
                #expect(bits >= 0 && bits < 1000)
            }
        }
    }

    @Test func `threads do not disturb one another`() {
        let passwords = ["password", "kX9v#2Lq!zR7wT0b", "19851985", "ann.smith1", "tgbnhy", "aaaaaaaa"]
        let alone = passwords.map { strength($0).bits }
        let different = Locked(0)
        let threads = (0..<16).map { _ in
            Thread {
                for _ in 0..<100 {
                    let bits = passwords.map { strength($0).bits }
                    if bits != alone { different.withLock { $0 += 1 } }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(different.withLock { $0 } == 0)
    }
}

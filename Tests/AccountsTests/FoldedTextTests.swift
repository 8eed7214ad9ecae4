import Testing

@testable import Accounts

struct FoldedTextTests {
    @Test(
        arguments: [
            ("Ada", "ada"), ("MÜLLER", "muller"), ("Mu\u{308}ller", "muller"), ("Straße", "strasse"),
            ("Łódź", "lodz"), ("Søren", "soren"), ("Ngô Bảo Châu", "ngo bao chau"), ("İstanbul", "istanbul"),
            ("ΣΊΣΥΦΟΣ", "σίσυφοσ"), ("Σίσυφος", "σίσυφοσ"), ("ЁЛКА", "ёлка"),
            ("  Ada\t\n  Byron ", "ada byron"),
            ("a\u{0}b", "a b"), ("李雷", "李雷"), ("", ""), ("🦜", "🦜"),
        ])
    func `capitals, accents and white space do not count`(text: String, folded: String) {
        #expect(FoldedText(text).text == folded)
    }

    @Test(arguments: ["\u{301}", " ", "\t"])
    func `a name is never folded to nothing`(name: String) {
        #expect(FoldedText(besides: name).text == name)
    }

    @Test(
        arguments: [
            ("Müller", "%muller%", "%müller%"), ("100%_!", "%100!%!_!!%", "%100!%!_!!%"), ("", "%", "%"),
            (" \u{301}", "%", "%"), ("\0", "%", "%"), ("a\0b", "%a b%", "%ab%"),
        ])
    func `what is looked for is a part, whatever it is made of`(
        text: String, folded: String, lowercase: String
    ) {
        let pattern = SearchPattern(text)
        #expect(pattern.folded == folded)
        #expect(pattern.lowercase == lowercase)
    }
}

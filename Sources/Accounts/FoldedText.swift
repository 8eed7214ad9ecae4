internal import Database

/// A text as lists sort and search it: without regard to capitals, to accents on
/// Latin letters, and to how much white space there is.
struct FoldedText: Sendable, Hashable, Bindable {
    let text: String

    init(_ original: String) {
        var folded = String.UnicodeScalarView()
        var isSpaceDue = false
        // By way of capitals: `ß` becomes `ss`, and the two small sigmas become one.
        for scalar in original.uppercased().lowercased().unicodeScalars where !Self.isMark(scalar) {
            if scalar.properties.isWhitespace || scalar.properties.generalCategory == .control {
                isSpaceDue = !folded.isEmpty
                continue
            }
            if isSpaceDue { folded.append(" ") }
            isSpaceDue = false
            folded.append(Self.plainLetter(scalar))
        }
        text = String(folded)
    }

    /// What the database keeps beside a name: never "", which means there that it was
    /// not written yet.
    init(besides name: String) {
        let folded = FoldedText(name)
        self = folded.text.isEmpty ? FoldedText(unchanged: name) : folded
    }

    private init(unchanged text: String) {
        self.text = text
    }

    var databaseValue: Value { .text(text) }

    /// Accents that stand behind their letter: `e` and an acute for `é`.
    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        ("\u{300}"..."\u{36f}").contains(scalar)
    }

    /// `e` for `é` or `ễ`, `o` for `ø`; by the name that Unicode gives the letter, such as
    /// LATIN SMALL LETTER E WITH ACUTE.
    private static func plainLetter(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        guard !scalar.isASCII, let name = scalar.properties.name, name.hasPrefix("LATIN SMALL LETTER ")
        else { return scalar }
        let words = name.split(separator: " ")
        guard words.count > 4, words[3].utf8.count == 1,
            let letter = words[3].lowercased().unicodeScalars.first
        else { return scalar }
        return letter
    }
}

/// What somebody looks for in a list: a part of a name or of an address.
struct SearchPattern: Sendable {
    /// For LIKE with the escape character `!`; `%` if nothing is looked for.
    let folded: String
    /// The same for what is in lower case, with its accents.
    let lowercase: String

    init(_ text: String) {
        let folded = FoldedText(text).text
        self.folded = Self.containing(folded)
        // PostgreSQL takes no NUL.
        let lowercase = trimmed(text.lowercased().filter { $0 != "\0" })
        self.lowercase = folded.isEmpty ? "%" : Self.containing(lowercase)
    }

    private static func containing(_ text: String) -> String {
        guard !text.isEmpty else { return "%" }
        var pattern = "%"
        for scalar in text.unicodeScalars {
            if "!%_".unicodeScalars.contains(scalar) { pattern.unicodeScalars.append("!") }
            pattern.unicodeScalars.append(scalar)
        }
        return pattern + "%"
    }
}

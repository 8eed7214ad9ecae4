/// The words given and what they are made of: of `ann.smith@example.org` the
/// whole, `ann.smith`, `ann`, `smith`, `example` …
struct GuessersWords {
    /// Words of fewer characters are no surprise to find in any password.
    private static let shortest = 3

    /// More are not looked for: each costs time at each place of the password.
    private static let limit = 100

    private(set) var texts: [String] = []

    init(_ words: [String]) {
        for word in words { add(word.unicodeScalars[...]) }
        for word in words {
            for side in word.unicodeScalars.split(separator: "@", maxSplits: 1) {
                add(side)
                for part in side.split(whereSeparator: { !Self.isOfWord($0) }) { add(part) }
            }
        }
    }

    private mutating func add(_ word: Substring.UnicodeScalarView) {
        guard texts.count < Self.limit, word.count >= Self.shortest else { return }
        let text = String(word).lowercased()
        if !texts.contains(text) { texts.append(text) }
    }

    private static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        default: !scalar.isASCII
        }
    }
}

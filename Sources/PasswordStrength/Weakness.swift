/// Why a password is easily guessed: what most of its characters are.
public enum Weakness: Sendable, CaseIterable {
    /// It is, or is made of, one of the words that were given.
    case aboutYou
    /// All of it is one entry of the list of common passwords, words and names.
    /// `P@ssw0rd` is `password`.
    case commonPassword
    /// It is made of entries of that list.
    case commonWords
    /// One character, or a few, again and again.
    case repeated
    /// `abcdef`, `13579`
    case sequence
    /// Keys that stand side by side.
    case keyboardPattern
    /// A year or a day.
    case date
    /// Nothing that has a name: it is short.
    case guessable

    /// Of several that explain as much, the first of the list above.
    init(of parts: [Estimate.Part]) {
        var reason = Weakness.guessable
        var most = 0
        for candidate in Self.allCases {
            let length = parts.reduce(0) { $0 + (Self(of: $1) == candidate ? $1.length : 0) }
            if length > most { (reason, most) = (candidate, length) }
        }
        self = reason == .commonWords && parts.count == 1 ? .commonPassword : reason
    }

    private init(of part: Estimate.Part) {
        switch part.kind {
        // Single letters and digits stand in the list, too.
        case .word where part.length < 3: self = .guessable
        case .word: self = part.isRepeated ? .repeated : .commonWords
        case .givenWord: self = .aboutYou
        case .date: self = .date
        case .repeats: self = .repeated
        case .sequence: self = part.isRepeated ? .repeated : .sequence
        case .keys: self = part.isRepeated ? .repeated : .keyboardPattern
        case .other: self = part.isRepeated ? .repeated : .guessable
        }
    }
}

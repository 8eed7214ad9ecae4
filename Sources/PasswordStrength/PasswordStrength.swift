/// How many guesses a password takes one who knows what people choose: zxcvbn
/// (D. Wheeler, USENIX Security 2016), by the library zxcvbn-c. Its words are
/// English and American names; what is common in other languages it does not
/// know.
public struct PasswordStrength: Sendable {
    /// Below 20 bits, about 10^6 guesses, a password is weak: zxcvbn scores it 0
    /// or 1 of 4, and it does not withstand guessing through a log-in page.
    public static let minimumBits = 20.0

    /// The binary logarithm of the number of guesses.
    public let bits: Double
    /// Nil if it is not weak.
    public let weakness: Weakness?

    /// - Parameter words: what a guesser tries first: the person's e-mail
    ///   address, the names of the organization and of the site. None of them is
    ///   a good password, however long; their parts count as well.
    public init(of password: String, knowing words: [String]) {
        let estimate = Estimate(of: password, knowing: GuessersWords(words).texts)
        bits = estimate.bits
        let folded = password.lowercased()
        if words.contains(where: { !$0.isEmpty && $0.lowercased() == folded }) {
            weakness = .aboutYou
        } else {
            weakness = bits < Self.minimumBits ? Weakness(of: estimate.parts) : nil
        }
    }

    public var isWeak: Bool { weakness != nil }
}

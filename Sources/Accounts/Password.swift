public import PasswordStrength

/// A password as it was typed. It is compared byte by byte: nothing is trimmed
/// or normalized (ASVS 5.0, 6.2.8). It cannot be printed by accident.
public struct Password: Sendable, CustomStringConvertible, CustomReflectable {
    /// Bytes. ASVS 5.0, 6.2.9 asks for at least 64 characters; over the limit
    /// is an error, never cut.
    public static let maximumLength = 1024

    let text: String

    /// A password that somebody claims to have.
    public init(claimed text: String) {
        self.text = text
    }

    public enum Problem: Error, Sendable, Equatable {
        case missing, tooShort, tooLong, containsNUL
        /// Easily guessed, and why.
        case weak(Weakness)
    }

    /// A password for an account, by the rules for new ones.
    ///
    /// - Parameters:
    ///   - minimum: characters (Unicode code points).
    ///   - words: what a guesser tries first (ASVS 5.0, 6.1.2 and 6.2.11): the
    ///     person's address and names, and the name of the organization.
    public init(new text: String, minimum: Int, knowing words: [String]) throws(Problem) {
        guard !text.isEmpty else { throw .missing }
        guard !text.utf8.contains(0) else { throw .containsNUL }
        guard text.utf8.count <= Self.maximumLength else { throw .tooLong }
        guard text.unicodeScalars.count >= minimum else { throw .tooShort }
        let strength = PasswordStrength(of: text, knowing: words + [Organization.defaultTitle])
        if let weakness = strength.weakness { throw .weak(weakness) }
        self.text = text
    }

    /// Whether it can be anybody's password at all. If not, no hash is made.
    var isPossible: Bool {
        text.utf8.count <= Self.maximumLength
    }

    public var description: String { "(password)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

internal import CZxcvbn

/// What zxcvbn-c says of a password.
///
/// The library keeps nothing between two calls, so that any thread may use it,
/// and has its words compiled in.
struct Estimate {
    /// One of the pieces that together are the cheapest to guess.
    struct Part {
        enum Kind {
            case word, givenWord, date, repeats, sequence, keys, other
        }

        let kind: Kind
        /// The piece is the same thing several times over.
        let isRepeated: Bool
        /// Characters.
        let length: Int
    }

    /// Characters that are looked at. The time grows with the third power of
    /// the length: 48 equal characters take 1 or 2 ms, and at 100 the library
    /// itself stops looking and counts the rest as if it were a sequence. Here
    /// the rest adds nothing: otherwise 1,024 times `a` would not be weak. A
    /// password without 20 bits in 48 characters hardly has them after that.
    private static let longest = 48

    let bits: Double
    let parts: [Part]

    /// - Parameter words: in lower case.
    init(of password: String, knowing words: [String]) {
        let characters = Self.characters(of: password)
        // Word after word, each with its NUL; where each begins.
        var texts: [CChar] = []
        var starts: [Int] = []
        for word in words {
            starts.append(texts.count)
            texts += Self.characters(of: word)
        }
        var matches: UnsafeMutablePointer<ZxcMatch_t>?
        bits = unsafe texts.withUnsafeBufferPointer { texts in
            var dictionary = unsafe starts.map { start in unsafe texts.baseAddress.map { unsafe $0 + start } }
            unsafe dictionary.append(nil)
            return unsafe ZxcvbnMatch(characters, &dictionary, &matches)
        }
        defer { unsafe ZxcvbnFreeInfo(matches) }
        var parts: [Part] = []
        var next = unsafe matches
        while let match = unsafe next {
            let start = unsafe Int(match.pointee.Begin)
            let text = unsafe password.unicodeScalars.dropFirst(start).prefix(Int(match.pointee.Length))
            // A given word may stand in the library's list as well.
            let isGiven = words.contains(String(text).lowercased())
            unsafe parts.append(Part(match.pointee, isGiven: isGiven))
            unsafe next = match.pointee.Next
        }
        self.parts = parts
    }

    /// One byte for each character and a NUL at the end. The library takes bytes
    /// for characters: it would count a letter beyond ASCII two or three times.
    private static func characters(of text: String) -> [CChar] {
        var bytes: [CChar] = []
        for scalar in text.unicodeScalars.prefix(longest) {
            let isPlain = scalar.isASCII && scalar.value != 0
            bytes.append(
                CChar(truncatingIfNeeded: isPlain ? scalar.value : 0x80 | scalar.value & 0x7f))
        }
        return bytes + [0]
    }
}

extension Estimate.Part {
    fileprivate init(_ match: ZxcMatch_t, isGiven: Bool) {
        // The type and, added to it, whether the piece is repeated.
        isRepeated = unsafe match.Type.rawValue & MULTIPLE_MATCH.rawValue != 0
        length = unsafe Int(match.Length)
        kind =
            switch unsafe ZxcTypeMatch_t(match.Type.rawValue & ~MULTIPLE_MATCH.rawValue) {
            case DICTIONARY_MATCH, DICT_LEET_MATCH: isGiven ? .givenWord : .word
            case USER_MATCH, USER_LEET_MATCH: .givenWord
            case DATE_MATCH, YEAR_MATCH: .date
            case REPEATS_MATCH: .repeats
            case SEQUENCE_MATCH: .sequence
            case SPATIAL_MATCH: .keys
            default: .other
            }
    }
}

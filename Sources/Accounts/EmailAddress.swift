public import Database

/// An e-mail address, trimmed and in lower case: the name of an account.
///
/// One rule for every way in. It is that of the product we follow: an ASCII
/// local part (dot-atom or quoted string, RFC 5322, 3.2), at a domain with a
/// top level of at least two letters (letters of any script), `localhost`, or
/// an address in brackets.
public struct EmailAddress: Sendable, Hashable, Bindable, CustomStringConvertible {
    /// RFC 5321 leaves 254 characters for an address in a path.
    public static let maximumLength = 254

    public let text: String

    public enum Problem: Error, Sendable {
        case missing, malformed, tooLong
    }

    public init(parsing input: String) throws(Problem) {
        let typed = trimmed(input)
        let text = typed.lowercased()
        guard !text.isEmpty else { throw .missing }
        guard text.unicodeScalars.count <= Self.maximumLength else { throw .tooLong }
        guard !typed.unicodeScalars.contains(where: Self.becomesASCII),
            let at = text.lastIndex(of: "@"), Self.isLocalPart(text[..<at]),
            Self.isDomain(text[text.index(after: at)...])
        else { throw .malformed }
        self.text = text
    }

    /// An address that the database holds.
    init(stored text: String) {
        self.text = text
    }

    public var description: String { text }
    public var databaseValue: Value { .text(text) }

    /// Such as the Kelvin sign, which is a `k` in lower case: what one sees is
    /// not what the address would be.
    private static func becomesASCII(_ scalar: Unicode.Scalar) -> Bool {
        !scalar.isASCII && scalar.properties.lowercaseMapping.unicodeScalars.contains(where: \.isASCII)
    }

    private static func isLocalPart(_ text: Substring) -> Bool {
        if text.utf8.count > 2, text.utf8.first == UInt8(ascii: "\""), text.utf8.last == UInt8(ascii: "\"") {
            return isQuotedString(text.dropFirst().dropLast())
        }
        let atoms = text.split(separator: ".", omittingEmptySubsequences: false)
        return atoms.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isAtomCharacter) }
    }

    private static func isQuotedString(_ content: Substring) -> Bool {
        var isEscaped = false
        for byte in content.utf8 {
            guard byte >= 0x20, byte < 0x7f else { return false }
            if !isEscaped, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: " ") { return false }
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        }
        return !isEscaped
    }

    private static func isAtomCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-!#$%&'*+/=?^_`{}|~".utf8.contains(byte)
        }
    }

    private static func isDomain(_ text: Substring) -> Bool {
        if text == "localhost" { return true }
        if text.first == "[", text.last == "]" { return isAddressLiteral(text.dropFirst().dropLast()) }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy(isLabel), let top = labels.last else { return false }
        let isNumber = top.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        return top.unicodeScalars.count >= 2 && !isNumber
    }

    private static func isLabel(_ label: Substring) -> Bool {
        guard !label.isEmpty, label.unicodeScalars.count <= 63, label.first != "-", label.last != "-"
        else { return false }
        return label.unicodeScalars.allSatisfy(isLabelCharacter)
    }

    /// Letters, digits and hyphens; beyond ASCII what identifiers may hold, but
    /// nothing invisible, and no marks that could be written in another way
    /// (`u` and a diaeresis for `ü`): two spellings would be two accounts.
    private static func isLabelCharacter(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "-"
        }
        return scalar.properties.isXIDContinue && !scalar.properties.isDefaultIgnorableCodePoint
            && !("\u{300}"..."\u{36f}").contains(scalar)
    }

    private static func isAddressLiteral(_ text: Substring) -> Bool {
        text.utf8.contains(UInt8(ascii: ":")) ? isIPv6(text) : isIPv4(text)
    }

    private static func isIPv4(_ text: Substring) -> Bool {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4
            && numbers.allSatisfy { number in
                number.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
                    && number.utf8.count <= 3 && UInt8(number) != nil
            }
    }

    /// Eight groups, or fewer around one `::` (RFC 4291, 2.2).
    private static func isIPv6(_ text: Substring) -> Bool {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return false }
        let groups = halves.flatMap { half in
            half.isEmpty ? [] : half.split(separator: ":", omittingEmptySubsequences: false)
        }
        let isComplete = halves.count == 2 ? groups.count <= 7 : groups.count == 8
        return isComplete
            && groups.allSatisfy { group in
                (1...4).contains(group.utf8.count) && group.allSatisfy { $0.isASCII && $0.isHexDigit }
            }
    }
}

/// Without white space (Unicode) at both ends.
public func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
        let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
}

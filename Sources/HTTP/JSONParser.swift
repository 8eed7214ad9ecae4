extension JSON {
    /// Where and why a text is not JSON.
    public struct SyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
        public let problem: String
        /// Bytes from the beginning.
        public let offset: Int

        public var description: String { "\(problem) at byte \(offset)" }
    }

    /// How deep arrays and objects may stand in each other.
    public static let depthLimit = 64

    /// Reads one value, and nothing but white space around it.
    public init(parsing bytes: [UInt8]) throws(SyntaxError) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw SyntaxError(problem: "the text is not UTF-8", offset: 0)
        }
        var parser = Parser(bytes: bytes)
        self = try parser.document()
    }

    private struct Parser {
        let bytes: [UInt8]
        var position = 0
        var depth = 0

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        mutating func document() throws(SyntaxError) -> JSON {
            let value = try value()
            skipSpace()
            guard position == bytes.count else { throw problem("unexpected text after the value") }
            return value
        }

        private mutating func value() throws(SyntaxError) -> JSON {
            skipSpace()
            guard let next = peek else { throw problem("a value is missing") }
            switch next {
            case UInt8(ascii: "{"): return try nested { parser throws(SyntaxError) in try parser.object() }
            case UInt8(ascii: "["): return try nested { parser throws(SyntaxError) in try parser.array() }
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "t"): return try word("true", .boolean(true))
            case UInt8(ascii: "f"): return try word("false", .boolean(false))
            case UInt8(ascii: "n"): return try word("null", .null)
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
            default: throw problem("a value is missing")
            }
        }

        private mutating func nested(
            _ parse: (inout Parser) throws(SyntaxError) -> JSON
        ) throws(SyntaxError) -> JSON {
            guard depth < JSON.depthLimit else { throw problem("too many levels") }
            depth += 1
            defer { depth -= 1 }
            position += 1
            return try parse(&self)
        }

        private mutating func object() throws(SyntaxError) -> JSON {
            var members: [Member] = []
            if skip(UInt8(ascii: "}")) { return .object(members) }
            repeat {
                skipSpace()
                guard peek == UInt8(ascii: "\"") else { throw problem("a name is missing") }
                let name = try string()
                guard skip(UInt8(ascii: ":")) else { throw problem("a colon is missing") }
                members.append(Member(name, try value()))
            } while skip(UInt8(ascii: ","))
            guard skip(UInt8(ascii: "}")) else { throw problem("a comma or brace is missing") }
            return .object(members)
        }

        private mutating func array() throws(SyntaxError) -> JSON {
            var elements: [JSON] = []
            if skip(UInt8(ascii: "]")) { return .array(elements) }
            repeat { elements.append(try value()) } while skip(UInt8(ascii: ","))
            guard skip(UInt8(ascii: "]")) else { throw problem("a comma or bracket is missing") }
            return .array(elements)
        }

        private mutating func word(_ word: StaticString, _ value: JSON) throws(SyntaxError) -> JSON {
            let expected = word.description.utf8
            guard bytes[position...].starts(with: expected) else { throw problem("a value is missing") }
            position += expected.count
            return value
        }

        private mutating func number() throws(SyntaxError) -> JSON {
            let start = position
            _ = take(UInt8(ascii: "-"))
            if !take(UInt8(ascii: "0")) { try digits() }
            var isInteger = true
            if take(UInt8(ascii: ".")) {
                isInteger = false
                try digits()
            }
            if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
                isInteger = false
                if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
                try digits()
            }
            let text = String(decoding: bytes[start..<position], as: UTF8.self)
            if isInteger, let integer = Int64(text) { return .integer(integer) }
            guard let number = Double(text), number.isFinite else { throw problem("the number is too large") }
            return .number(number)
        }

        private mutating func digits() throws(SyntaxError) {
            let start = position
            while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
            guard position > start else { throw problem("a digit is missing") }
        }

        private mutating func string() throws(SyntaxError) -> String {
            position += 1
            var text: [UInt8] = []
            while let byte = peek {
                position += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
                case UInt8(ascii: "\\"): text += try escape().utf8
                case 0..<0x20: throw problem("a control character in a string")
                default: text.append(byte)
                }
            }
            throw problem("a string does not end")
        }

        private mutating func escape() throws(SyntaxError) -> String {
            guard let byte = peek else { throw problem("a string does not end") }
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return "\""
            case UInt8(ascii: "\\"): return "\\"
            case UInt8(ascii: "/"): return "/"
            case UInt8(ascii: "b"): return "\u{8}"
            case UInt8(ascii: "f"): return "\u{c}"
            case UInt8(ascii: "n"): return "\n"
            case UInt8(ascii: "r"): return "\r"
            case UInt8(ascii: "t"): return "\t"
            case UInt8(ascii: "u"): return try unicodeEscape()
            default: throw problem("an unknown escape")
            }
        }

        private mutating func unicodeEscape() throws(SyntaxError) -> String {
            let first = try codeUnit()
            if let scalar = Unicode.Scalar(UInt32(first)) { return String(scalar) }
            // A character beyond the basic plane: a pair of surrogates.
            guard UTF16.isLeadSurrogate(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
                throw problem("half of a character")
            }
            let second = try codeUnit()
            guard UTF16.isTrailSurrogate(second) else { throw problem("half of a character") }
            return String(decoding: [first, second], as: UTF16.self)
        }

        private mutating func codeUnit() throws(SyntaxError) -> UInt16 {
            guard position + 4 <= bytes.count else { throw problem("four digits are missing") }
            let digits = bytes[position..<position + 4]
            let isHexadecimal = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
            guard isHexadecimal, let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16) else {
                throw problem("four digits are missing")
            }
            position += 4
            return unit
        }

        private var peek: UInt8? {
            position < bytes.count ? bytes[position] : nil
        }

        /// Takes exactly this byte, if it is next.
        private mutating func take(_ byte: UInt8) -> Bool {
            guard peek == byte else { return false }
            position += 1
            return true
        }

        /// Takes white space and then this byte, if it follows.
        private mutating func skip(_ byte: UInt8) -> Bool {
            skipSpace()
            return take(byte)
        }

        private mutating func skipSpace() {
            while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
                position += 1
            }
        }

        private func problem(_ problem: String) -> SyntaxError {
            SyntaxError(problem: problem, offset: position)
        }
    }
}

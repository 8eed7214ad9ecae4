/// A value with parameters, as `Content-Type` and `Content-Disposition` have
/// them: `form-data; name="photo"; filename="me.png"`.
struct HeaderValue: Sendable {
    /// In lower case: `form-data`.
    let value: String
    private let parameters: [(name: String, value: String)]

    /// Nil if it is malformed, or has a parameter twice.
    init?(parsing text: String) {
        var reader = Reader(bytes: Array(text.utf8))
        let value = reader.word(until: UInt8(ascii: ";"))
        guard !value.isEmpty else { return nil }
        var parameters: [(name: String, value: String)] = []
        while reader.takes(UInt8(ascii: ";")) {
            if reader.isAtEmptyParameter() { continue }
            let name = reader.word(until: UInt8(ascii: "=")).lowercased()
            guard !name.isEmpty, reader.takes(UInt8(ascii: "=")), let value = reader.parameterValue(),
                !parameters.contains(where: { $0.name == name })
            else { return nil }
            parameters.append((name, value))
        }
        guard reader.isAtEnd else { return nil }
        self.value = value.lowercased()
        self.parameters = parameters
    }

    /// The parameter of that name, which is written in lower case.
    subscript(name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        var isAtEnd: Bool { position == bytes.count }

        /// Takes the text before a separator, without the spaces around it; ""
        /// if it holds what only a quoted text may hold.
        mutating func word(until separator: UInt8) -> String {
            let end =
                bytes[position...].firstIndex { $0 == separator || $0 == UInt8(ascii: ";") } ?? bytes.count
            var word = bytes[position..<end]
            position = end
            while word.first.map(isSpace) ?? false { word.removeFirst() }
            while word.last.map(isSpace) ?? false { word.removeLast() }
            guard !word.contains(where: { isSpace($0) || $0 == UInt8(ascii: "\"") }) else { return "" }
            return String(decoding: word, as: UTF8.self)
        }

        /// Whether there is nothing before the next semicolon (RFC 9110, 5.6.6).
        mutating func isAtEmptyParameter() -> Bool {
            skipSpace()
            return isAtEnd || bytes[position] == UInt8(ascii: ";")
        }

        /// A word, or a text in quotation marks; nil if it is neither.
        mutating func parameterValue() -> String? {
            skipSpace()
            guard takes(UInt8(ascii: "\"")) else {
                let word = word(until: UInt8(ascii: ";"))
                return word.isEmpty ? nil : word
            }
            var text: [UInt8] = []
            while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
                // Browsers write %22 for a quotation mark, and a backslash as it
                // is; other clients write \" and \\.
                if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count,
                    "\"\\".utf8.contains(bytes[position + 1])
                {
                    position += 1
                }
                text.append(bytes[position])
                position += 1
            }
            guard takes(UInt8(ascii: "\"")) else { return nil }
            skipSpace()
            return String(decoding: text, as: UTF8.self)
        }

        /// Takes exactly this byte, if it is next.
        mutating func takes(_ byte: UInt8) -> Bool {
            guard position < bytes.count, bytes[position] == byte else { return false }
            position += 1
            return true
        }

        private mutating func skipSpace() {
            while position < bytes.count, isSpace(bytes[position]) { position += 1 }
        }

        private func isSpace(_ byte: UInt8) -> Bool {
            byte == 0x20 || byte == 0x09
        }
    }
}

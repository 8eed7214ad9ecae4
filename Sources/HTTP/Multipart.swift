/// The parts of a form that holds files (`multipart/form-data`; RFC 7578,
/// RFC 2046, 5.1), in the order sent. Nothing is copied out of the body.
public struct Multipart: Sendable {
    /// More parts than any form of ours has; over it, nothing is read.
    public static let partLimit = Form.fieldLimit
    /// Bytes of the header of one part.
    public static let headerLimit = 4096

    public struct Part: Sendable {
        /// The name of the field.
        public let name: String
        /// Nil if it is no file. It is whatever the sender wrote, and names
        /// nothing of ours; "" is what browsers send if no file was chosen.
        public let fileName: String?
        /// What the sender calls the content; nil if he did not say.
        public let contentType: String?
        public let content: ArraySlice<UInt8>
    }

    public let parts: [Part]

    /// Nil if the type is another or has no boundary, if the body is cut off or
    /// malformed, or if there are too many parts.
    public init?(parsing body: [UInt8], contentType: String) {
        guard let field = HeaderValue(parsing: contentType), field.value == "multipart/form-data",
            let boundary = field["boundary"], Self.isBoundary(boundary)
        else { return nil }
        var reader = Reader(bytes: body, delimiter: Array("--\(boundary)".utf8))
        guard let parts = reader.parts() else { return nil }
        self.parts = parts
    }

    /// The first file; nil if none was chosen.
    public var firstFile: Part? {
        parts.first { $0.fileName != nil && !($0.fileName == "" && $0.content.isEmpty) }
    }

    /// `bchars` of RFC 2046.
    private static func isBoundary(_ text: String) -> Bool {
        (1...70).contains(text.utf8.count) && text.utf8.last != UInt8(ascii: " ")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "'()+_,-./:=? ".utf8.contains(byte)
                }
            }
    }
}

extension Multipart {
    private struct Reader {
        let bytes: [UInt8]
        /// Two hyphens and the boundary; at the beginning of a line, nothing
        /// else may begin so.
        let delimiter: [UInt8]
        var position = 0

        init(bytes: [UInt8], delimiter: [UInt8]) {
            self.bytes = bytes
            self.delimiter = delimiter
        }

        mutating func parts() -> [Part]? {
            // What stands before the first delimiter and behind the last says nothing.
            guard isDelimiter(at: 0) || skipLines() != nil else { return nil }
            var parts: [Part] = []
            while true {
                position += delimiter.count
                switch endOfDelimiter() {
                case .last: return parts
                case .malformed: return nil
                case .another: break
                }
                guard parts.count < Multipart.partLimit, let part = part() else { return nil }
                parts.append(part)
            }
        }

        /// What a delimiter says about what comes behind it.
        private enum End { case another, last, malformed }

        private mutating func endOfDelimiter() -> End {
            if takes("--") { return .last }
            while takes(" ") || takes("\t") {}
            return takes("\r\n") ? .another : .malformed
        }

        private mutating func part() -> Part? {
            let limit = position + Multipart.headerLimit
            var header = PartHeader()
            while !takes("\r\n") {
                guard let line = line(), position <= limit, header.add(line) else { return nil }
            }
            // The line break before a delimiter belongs to it; so does that
            // behind the header, if there is no content.
            position -= 2
            let start = position + 2
            guard let name = header.name, let end = skipLines() else { return nil }
            return Part(
                name: name, fileName: header.fileName, contentType: header.contentType,
                content: bytes[min(start, end)..<end])
        }

        /// Goes to the next delimiter at the beginning of a line.
        ///
        /// - Returns: where the line break before it begins; nil if there is none.
        private mutating func skipLines() -> Int? {
            guard let end = endOfLines() else { return nil }
            position = end + 2
            return end
        }

        private func endOfLines() -> Int? {
            let span = bytes.span
            for index in position..<max(position, span.count - 1)
            where span[index] == UInt8(ascii: "\r") && span[index + 1] == UInt8(ascii: "\n")
                && isDelimiter(at: index + 2)
            {
                return index
            }
            return nil
        }

        private func isDelimiter(at index: Int) -> Bool {
            bytes[index...].starts(with: delimiter)
        }

        /// Takes the rest of the line with its end.
        private mutating func line() -> ArraySlice<UInt8>? {
            guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")), end > position,
                bytes[end - 1] == UInt8(ascii: "\r")
            else { return nil }
            let line = bytes[position..<end - 1]
            position = end + 1
            return line
        }

        /// Takes exactly this, if it is next.
        private mutating func takes(_ text: StaticString) -> Bool {
            let expected = text.description.utf8
            guard bytes[position...].starts(with: expected) else { return false }
            position += expected.count
            return true
        }
    }

    /// The header of one part.
    private struct PartHeader {
        private var disposition: HeaderValue?
        var contentType: String?

        var name: String? { disposition?["name"] }
        /// Some clients write names that are not ASCII as RFC 5987 has it.
        var fileName: String? { disposition.flatMap { $0["filename"] ?? $0["filename*"] } }

        /// False if a line is no field, or makes the part ambiguous.
        mutating func add(_ line: ArraySlice<UInt8>) -> Bool {
            guard let text = String(validating: line, as: UTF8.self),
                let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
                text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 })
            else { return false }
            let name = text[..<colon].lowercased()
            // A line that goes on, too, would begin with a space.
            guard !name.isEmpty, !name.utf8.contains(where: { $0 <= 0x20 }) else { return false }
            let value = text[text.utf8.index(after: colon)...]
            switch name {
            case "content-disposition":
                guard disposition == nil else { return false }
                disposition = HeaderValue(parsing: String(value))
                return disposition?.value == "form-data"
            case "content-type":
                guard contentType == nil else { return false }
                contentType = HeaderValue(parsing: String(value))?.value
                return contentType != nil
            case "content-transfer-encoding":
                // Of the others, no client that sends forms makes use (RFC 7578, 4.7).
                return ["binary", "8bit", "7bit"].contains(HeaderValue(parsing: String(value))?.value)
            default:
                return true
            }
        }
    }
}

/// The fields of a form or of a query, in the order sent
/// (`application/x-www-form-urlencoded`; WHATWG URL, 5.1).
public struct Form: Sendable {
    /// More fields than any form of ours has; over it, nothing is read.
    public static let fieldLimit = 200

    /// Every field, in the order sent.
    public let fields: [(name: String, value: String)]

    /// A form without fields.
    public init() {
        fields = []
    }

    /// Nil if there are too many fields or a name or value is not UTF-8.
    public init?(parsing text: Substring) {
        var fields: [(name: String, value: String)] = []
        // By bytes: to Swift, a separator and a combining mark are one character.
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            guard fields.count < Self.fieldLimit else { return nil }
            let separator = pair.firstIndex(of: UInt8(ascii: "="))
            let name = pair[..<(separator ?? pair.endIndex)]
            let value = separator.map { pair[$0...].dropFirst() } ?? pair[pair.endIndex...]
            guard let name = PercentCoding.decode(Substring(name), plusIsSpace: true),
                let value = PercentCoding.decode(Substring(value), plusIsSpace: true)
            else { return nil }
            fields.append((name, value))
        }
        self.fields = fields
    }

    /// The fields of a form with files, without the files; nil if a value is
    /// not UTF-8.
    public init?(_ multipart: Multipart) {
        var fields: [(name: String, value: String)] = []
        for part in multipart.parts where part.fileName == nil {
            guard let value = String(validating: part.content, as: UTF8.self) else { return nil }
            fields.append((part.name, value))
        }
        self.fields = fields
    }

    /// The first value of that name; nil if the field was not sent.
    public subscript(name: String) -> String? {
        fields.first { $0.name == name }?.value
    }
}

/// The fields of a form or of a query, in the order sent
/// (`application/x-www-form-urlencoded`; WHATWG URL, 5.1).
public struct Form: Sendable {
    /// More fields than any form of ours has; over it, nothing is read.
    public static let fieldLimit = 200

    private let fields: [(name: String, value: String)]

    /// A form without fields.
    public init() {
        fields = []
    }

    /// Nil if there are too many fields or a name or value is not UTF-8.
    public init?(parsing text: Substring) {
        var fields: [(name: String, value: String)] = []
        for pair in text.split(separator: "&") {
            guard fields.count < Self.fieldLimit else { return nil }
            let separator = pair.firstIndex(of: "=")
            let name = pair[..<(separator ?? pair.endIndex)]
            let value = separator.map { pair[pair.index(after: $0)...] } ?? ""
            guard let name = PercentCoding.decode(name, plusIsSpace: true),
                let value = PercentCoding.decode(value, plusIsSpace: true)
            else { return nil }
            fields.append((name, value))
        }
        self.fields = fields
    }

    /// The first value of that name; nil if the field was not sent.
    public subscript(name: String) -> String? {
        fields.first { $0.name == name }?.value
    }
}

/// The sentences that pages show and that are not part of a template: one file
/// of lines `name = sentence`, beside the templates. Empty lines and lines that
/// begin with `#` do not count.
public struct Messages: Sendable {
    private let sentences: [String: String]

    /// The file cannot be used, and why.
    public struct Unusable: Error, CustomStringConvertible {
        public let description: String
    }

    /// - Parameter names: every name that the product uses; the file must have
    ///   each of them, and no other.
    public init(path: String, names: [String]) throws(Unusable) {
        var sentences: [String: String] = [:]
        for line in try Self.lines(of: path) where !line.isEmpty && line.first != "#" {
            guard let separator = line.firstIndex(of: "=") else {
                throw Unusable(description: "\(path): a line without '=': \(line)")
            }
            let name = line[..<separator].split(separator: " ").joined()
            let sentence = line[line.index(after: separator)...].drop { $0 == " " }
            guard sentences.updateValue(String(sentence), forKey: name) == nil else {
                throw Unusable(description: "\(path): \(name) stands there twice")
            }
        }
        let missing = names.filter { sentences[$0] == nil }
        guard missing.isEmpty else {
            throw Unusable(description: "\(path) lacks \(missing.joined(separator: ", "))")
        }
        let unknown = Set(sentences.keys).subtracting(names).sorted()
        guard unknown.isEmpty else {
            throw Unusable(description: "\(path): nothing uses \(unknown.joined(separator: ", "))")
        }
        self.sentences = sentences
    }

    /// The sentence of that name, with `{0}`, `{1}`… replaced.
    public func sentence(_ name: String, _ arguments: [String] = []) -> String {
        guard let sentence = sentences[name] else {
            preconditionFailure("\(name) is not in the list of names")
        }
        guard !arguments.isEmpty else { return sentence }
        var result = ""
        var rest = sentence[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            let index = Int(rest[rest.index(after: open)..<close])
            result += index.flatMap { arguments.indices.contains($0) ? arguments[$0] : nil } ?? ""
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    private static func lines(of path: String) throws(Unusable) -> [Substring] {
        do {
            return try text(of: path).split(separator: "\n")
        } catch {
            throw Unusable(description: error.description)
        }
    }
}

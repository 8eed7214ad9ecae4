/// The sentences that pages show and that are not part of a template: one file
/// of lines `name = sentence`, beside the templates. Empty lines and lines that
/// begin with `#` do not count.
///
/// In a sentence, `{0}`, `{1}`… stand for values, and `{0|form|form|…}` for the form that
/// a word has beside the number `{0}`: which one says the line `plural = …`.
public struct Messages: Sendable {
    private let sentences: [String: String]
    private let plural: PluralRule

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
        let rule = sentences.removeValue(forKey: "plural")
        guard let plural = rule.map({ PluralRule($0) }) ?? .english else {
            throw Unusable(description: "\(path): plural is no rule such as n != 1")
        }
        self.plural = plural
        if let name = sentences.filter({ Self.lacksForms($0.value, plural.formCount) }).keys.min() {
            throw Unusable(
                description: "\(path): \(name) has a word with fewer than \(plural.formCount) forms")
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

    /// Whether a word in it has fewer forms than the rule can ask for.
    private static func lacksForms(_ sentence: String, _ count: Int) -> Bool {
        sentence.split(separator: "{").contains { part in
            let bars = part.prefix { $0 != "}" }.count { $0 == "|" }
            return 1..<count ~= bars
        }
    }

    /// The sentence of that name, with what stands in braces replaced.
    public func sentence(_ name: String, _ arguments: [String] = []) -> String {
        guard let sentence = sentences[name] else {
            preconditionFailure("\(name) is not in the list of names")
        }
        guard !arguments.isEmpty else { return sentence }
        var result = ""
        var rest = sentence[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            result += filling(rest[rest.index(after: open)..<close], arguments)
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    /// What takes a place: a value, or a form of a word.
    private func filling(_ place: Substring, _ arguments: [String]) -> Substring {
        let parts = place.split(separator: "|", omittingEmptySubsequences: false)
        guard let index = Int(parts[0]), arguments.indices.contains(index) else { return "" }
        guard parts.count > 1 else { return arguments[index][...] }
        let form = plural.form(Int(arguments[index]) ?? 0)
        return parts[min(max(form, 0) + 1, parts.count - 1)]
    }

    private static func lines(of path: String) throws(Unusable) -> [Substring] {
        do {
            return try text(of: path).split(separator: "\n")
        } catch {
            throw Unusable(description: error.description)
        }
    }
}

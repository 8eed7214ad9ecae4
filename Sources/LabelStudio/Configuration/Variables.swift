/// The environment, and what is laid over it: a file of variables, credentials.
struct Variables {
    private var texts: [String: String]
    private var file: EnvironmentFile?
    private var credentials: Credentials?
    private var credentialNames: Set<String> = []

    init(_ environment: [String: String]) {
        texts = environment
    }

    /// The file wins, as it does with systemd: with an empty text, too.
    mutating func overlay(_ file: EnvironmentFile) {
        texts.merge(file.variables) { $1 }
        self.file = file
    }

    /// A credential wins over all other variables.
    ///
    /// - Throws: `Configuration.Faults`
    mutating func overlay(_ credentials: Credentials) throws(Configuration.Faults) {
        let variables = try credentials.variables()
        texts.merge(variables) { $1 }
        self.credentials = credentials
        credentialNames = Set(variables.keys)
    }

    subscript(name: String) -> String? {
        texts[name]
    }

    /// The first variable of a setting that is set; an empty one is not.
    func name(of setting: Setting) -> String? {
        setting.variables.first { !(texts[$0] ?? "").isEmpty }
    }

    func text(_ setting: Setting) -> String? {
        name(of: setting).flatMap { texts[$0] }
    }

    /// How to name a variable to an operator: with what sets it.
    func source(of name: String) -> String {
        if let credentials, credentialNames.contains(name),
            let setting = Setting.allCases.first(where: { $0.variables.first == name })
        {
            return credentials.source(of: setting)
        }
        guard let file, file.variables[name] != nil else { return name }
        return "\(file.path): \(name)"
    }

    /// What looks like a setting and is none.
    var warnings: [String] {
        let known = Set(Setting.allCases.flatMap(\.variables))
        return texts.keys.sorted().filter { $0.hasPrefix("LABEL_STUDIO_") && !known.contains($0) }.map {
            name in
            Setting.withoutEffect.contains(String(name.dropFirst("LABEL_STUDIO_".utf8.count)))
                ? "\(source(of: name)) has no effect here"
                : "\(source(of: name)) is not a setting; did you mean \(Self.nearest(to: name, of: known))?"
        }
    }

    /// A name of which this is the beginning, or the one that differs least.
    private static func nearest(to name: String, of known: Set<String>) -> String {
        let candidates = known.filter { $0.hasPrefix("LABEL_STUDIO_") }.sorted()
        return candidates.first { $0.hasPrefix(name) }
            ?? candidates.min { distance($0, name) < distance($1, name) } ?? ""
    }

    /// How many letters have to be changed, added or removed (Levenshtein).
    private static func distance(_ one: String, _ other: String) -> Int {
        let other = Array(other.utf8)
        var row = Array(0...other.count)
        for (index, letter) in one.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in other.indices {
                let changed = diagonal + (letter == other[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, diagonal + 1, row[column] + 1)
            }
        }
        return row[other.count]
    }
}

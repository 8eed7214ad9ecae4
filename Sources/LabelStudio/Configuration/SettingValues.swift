internal import Glibc

/// The values that were set, and where each comes from.
struct SettingValues {
    struct Given {
        let text: String
        /// How to name it to an operator: `--port`, `LABEL_STUDIO_PORT`.
        let source: String
        /// Set under a name that shells and desktops use too, such as `HOST`:
        /// it may not be meant for us.
        let isBareName: Bool
    }

    private var given: [Setting: Given] = [:]
    /// What an operator should know although it is no fault.
    private(set) var warnings: [String] = []

    /// - Parameters:
    ///   - flags: what the command line says; it wins.
    ///   - file: comes second, before the environment.
    init(flags: [Setting: String], file: ConfigFile?, environment: [String: String]) {
        for setting in Setting.allCases {
            if let text = flags[setting], let flag = setting.flag {
                given[setting] = Given(text: text, source: "--\(flag.name)", isBareName: false)
            } else if let file, let text = file.settings[setting] {
                given[setting] = Given(
                    text: text, source: "\(file.path): \(setting.rawValue.lowercased())", isBareName: false)
            } else if let variable = setting.variables.first(where: { !(environment[$0] ?? "").isEmpty }),
                let text = environment[variable]
            {
                given[setting] = Given(text: text, source: variable, isBareName: variable == setting.rawValue)
            }
        }
        warnings = Self.warnings(about: environment)
    }

    subscript(setting: Setting) -> Given? {
        given[setting]
    }

    mutating func ignore(_ setting: Setting, because reason: String) {
        guard let ignored = given.removeValue(forKey: setting) else { return }
        warnings.append("\(ignored.source) is ignored: \(reason)")
    }

    /// Drops a value without a word: nobody meant it for us.
    mutating func drop(_ setting: Setting) {
        given[setting] = nil
    }

    /// The environment of this process.
    static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        var next = unsafe environ
        while let entry = unsafe next.pointee {
            let text = unsafe String(cString: entry)
            if let separator = text.firstIndex(of: "=") {
                variables[String(text[..<separator])] = String(text[text.index(after: separator)...])
            }
            unsafe next += 1
        }
        return variables
    }

    private static func warnings(about environment: [String: String]) -> [String] {
        let known = Set(Setting.allCases.flatMap(\.variables))
        var warnings: [String] = []
        for name in environment.keys.sorted() where name.hasPrefix("LABEL_STUDIO_") && !known.contains(name) {
            if Setting.withoutEffect.contains(String(name.dropFirst("LABEL_STUDIO_".utf8.count))) {
                warnings.append("\(name) has no effect here")
            } else {
                warnings.append("\(name) is not a setting; did you mean \(nearest(to: name, of: known))?")
            }
        }
        return warnings
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

internal import Glibc
internal import Secrets

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
    init(flags: [Setting: String], file: ConfigFile?, variables: Variables) {
        for setting in Setting.allCases {
            if let text = flags[setting], let flag = setting.flag {
                given[setting] = Given(text: text, source: "--\(flag.name)", isBareName: false)
            } else if let file, let text = file.settings[setting] {
                given[setting] = Given(
                    text: text, source: "\(file.path): \(setting.rawValue.lowercased())", isBareName: false)
            } else if let name = variables.name(of: setting), let text = variables[name] {
                given[setting] = Given(
                    text: text, source: variables.source(of: name), isBareName: name == setting.rawValue)
            }
        }
        warnings = variables.warnings
    }

    subscript(setting: Setting) -> Given? {
        given[setting]
    }

    /// A hash of each text.
    var fingerprints: [Setting: [UInt8]] {
        given.mapValues { digest(Array($0.text.utf8)) }
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
}

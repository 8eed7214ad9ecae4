internal import HTTP

/// A file of settings: a JSON object whose members are named like the
/// variables, in lower case and without prefix (`username`, `user_token`).
struct ConfigFile {
    let path: String
    let settings: [Setting: String]

    /// - Throws: `Configuration.Faults`
    init(path: String) throws(Configuration.Faults) {
        self.path = path
        let content: [UInt8]
        do {
            content = try Files.read(path)
        } catch {
            throw Configuration.Faults(lines: ["\(error)"])
        }
        let value: JSON
        do {
            value = try JSON(parsing: content)
        } catch {
            throw Configuration.Faults(lines: ["\(path) is not JSON: \(error)"])
        }
        guard case .object(let members) = value else {
            throw Configuration.Faults(lines: ["\(path): there must be one object with settings"])
        }
        var settings: [Setting: String] = [:]
        var faults: [String] = []
        for member in members {
            guard let setting = Setting(rawValue: member.name.uppercased()),
                ![.configFile, .environmentFile].contains(setting)
            else {
                faults.append("\(path): \"\(member.name)\" is not a setting")
                continue
            }
            if let text = Self.text(member.value) {
                settings[setting] = text
            } else {
                faults.append("\(path): \"\(member.name)\" must be a text, a number, true or false")
            }
        }
        guard faults.isEmpty else { throw Configuration.Faults(lines: faults) }
        self.settings = settings
    }

    private static func text(_ value: JSON) -> String? {
        switch value {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .boolean(let boolean): boolean ? "true" : "false"
        case .null, .number, .array, .object: nil
        }
    }
}

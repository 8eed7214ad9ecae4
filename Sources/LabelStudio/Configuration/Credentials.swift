/// The secrets that systemd hands to a service: files in `CREDENTIALS_DIRECTORY`
/// (systemd.exec(5), `LoadCredential=label-studio:DIRECTORY`). They win over files
/// and variables of the same meaning.
struct Credentials {
    let directory: String?
    /// What the names of the files begin with.
    private let prefix: String

    init(_ environment: [String: String]) {
        directory = environment["CREDENTIALS_DIRECTORY"]
        prefix = Self.prefix
    }

    /// The files that systemd will hand on, where it finds them.
    init(source directory: String) {
        self.directory = directory
        prefix = ""
    }

    /// The file with the key of the installation.
    var key: String? {
        file("key")
    }

    /// The file with the key of the Label Studio behind the gate.
    var upstreamSecretKey: String? {
        file("upstream-secret-key")
    }

    /// What stands for variables.
    ///
    /// - Throws: `Configuration.Faults`
    func variables() throws(Configuration.Faults) -> [String: String] {
        var variables: [String: String] = [:]
        for setting in [Setting.username, .password, .userToken] {
            guard let file = file(Self.name(setting)), let variable = setting.variables.first else {
                continue
            }
            variables[variable] = try text(file)
        }
        return variables
    }

    /// How to name the credential of a setting to an operator.
    func source(of setting: Setting) -> String {
        let name = Self.name(setting)
        return prefix.isEmpty ? path(name) ?? name : "credential \(prefix)\(name)"
    }

    private static let prefix = "label-studio_"

    private static func name(_ setting: Setting) -> String {
        setting.rawValue.lowercased().split(separator: "_").joined(separator: "-")
    }

    private func file(_ name: String) -> String? {
        path(name).flatMap { Files.exists($0) ? $0 : nil }
    }

    private func path(_ name: String) -> String? {
        directory.map { "\($0)/\(prefix)\(name)" }
    }

    /// An editor ends the last line: that is not part of a secret.
    private func text(_ file: String) throws(Configuration.Faults) -> String {
        do {
            var bytes = try Files.read(file)
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if let text = String(validating: bytes, as: UTF8.self) { return text }
        } catch {
            throw Configuration.Faults(lines: ["\(error)"])
        }
        throw Configuration.Faults(lines: ["\(file) is not text in UTF-8"])
    }
}

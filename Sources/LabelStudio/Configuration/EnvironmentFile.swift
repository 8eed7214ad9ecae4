/// A file of variables, as systemd reads it for a service (`EnvironmentFile=`).
struct EnvironmentFile {
    let path: String
    /// Those that are ours: what else a service may need is no concern here.
    let variables: [String: String]

    /// - Throws: `Configuration.Faults`
    init(path: String) throws(Configuration.Faults) {
        self.path = path
        var lines = EnvironmentFileLines()
        do {
            lines.read(try Files.read(path))
        } catch {
            throw Configuration.Faults(lines: ["\(error)"])
        }
        var faults = lines.faults.map { "\(path), line \($0.line): \($0.reason)" }
        let known = Set(Setting.allCases.flatMap(\.variables))
        variables = lines.variables.filter { known.contains($0.key) || $0.key.hasPrefix("LABEL_STUDIO_") }
        for name in Setting.environmentFile.variables where variables[name] != nil {
            faults.append("\(path): \(name) cannot name another file")
        }
        guard faults.isEmpty else { throw Configuration.Faults(lines: faults) }
    }

    /// Whether the file that a variable names may not be read by us, but was read
    /// by systemd, as root, before it started us (`INVOCATION_ID`, systemd.exec(5)):
    /// the environment has what it says.
    static func isForServiceManagerOnly(_ environment: [String: String]) -> Bool {
        guard !(environment["INVOCATION_ID"] ?? "").isEmpty,
            let path = Variables(environment).text(.environmentFile)
        else { return false }
        return Files.isForbidden(path)
    }
}

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
}

/// `label-studio backup`: a copy of the database, which may be in use.
enum BackupCommand {
    static func run(
        _ configuration: Configuration, operands: [String], flags: [Setting: String]
    ) throws -> Int32 {
        guard operands.count == 1 else {
            throw Service.Failure(
                line: "say where to: label-studio backup FILE (- stands for the standard output), "
                    + "or label-studio backup --keep COUNT DIRECTORY")
        }
        // First: what root starts is meant so, whatever LABEL_STUDIO_KEEP says.
        if operands[0] == "-" { return try writeToOutput(configuration) }
        if let count = configuration.keptBackups {
            return try writeOneMore(to: Files.absolute(operands[0]), keeping: count, configuration, flags)
        }
        let path = Files.absolute(operands[0])
        guard !Files.exists(path) else {
            throw Service.Failure(line: "\(path) is there already and was left as it is")
        }
        try Backup(configuration, flags: flags).write(to: path)
        Terminal.print("\(path) is a copy of \(configuration.database), and was checked.")
        Terminal.print(keyReminder(configuration))
        return 0
    }

    private static func writeOneMore(
        to directory: String, keeping count: Int, _ configuration: Configuration, _ flags: [Setting: String]
    ) throws -> Int32 {
        let series = BackupSeries(directory: directory)
        let path = series.nextFile()
        try Backup(configuration, flags: flags).write(to: path)
        Terminal.print("\(path) is a copy of \(configuration.database), and was checked.")
        for old in try series.removeOldest(keeping: count) { Terminal.print("\(old) was removed.") }
        Terminal.print(keyReminder(configuration))
        return 0
    }

    private static func writeToOutput(_ configuration: Configuration) throws -> Int32 {
        do {
            try Backup(configuration, flags: [:]).writeToOutput()
        } catch let failure as Files.Failure {
            throw Service.Failure(line: "\(failure); the copy is not complete")
        }
        return 0
    }

    private static func keyReminder(_ configuration: Configuration) -> String {
        "The key is not in it: keep \(configuration.keyFile) too, at another place. "
            + "Without the key the copy cannot be used."
    }
}

internal import SQLite

/// `label-studio backup`: a copy of the database, which may be in use.
enum BackupCommand {
    static func run(_ configuration: Configuration, operands: [String]) throws -> Int32 {
        guard operands.count == 1 else {
            throw Service.Failure(line: "say where to: label-studio backup FILE")
        }
        let path = Files.absolute(operands[0])
        guard !Files.exists(path) else {
            throw Service.Failure(line: "\(path) is there already and was left as it is")
        }
        do {
            guard
                try !SQLiteDatabase.isAbsent(
                    path: configuration.database, applicationID: Service.applicationID)
            else { throw Service.Failure(line: "there is no database \(configuration.database)") }
            // Under another name until it is complete.
            let temporary = Files.temporary(for: path)
            defer { Files.removeDatabase(temporary) }
            try SQLiteDatabase.copy(configuration.database, toNew: temporary)
            try Files.publish(temporary, as: path)
        } catch {
            throw Service.explain(error, database: configuration.database, keyFile: configuration.keyFile)
        }
        Terminal.print("\(path) is a copy of \(configuration.database), and was checked.")
        Terminal.print(
            "The key is not in it: keep \(configuration.keyFile) too, at another place. "
                + "Without the key the copy cannot be used.")
        return 0
    }
}

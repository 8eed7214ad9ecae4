internal import Database
internal import Glibc
internal import SQLite

/// Makes copies of the database.
struct Backup {
    private let configuration: Configuration
    /// What the command line said, for the copy of this program that root starts.
    private let flags: [Setting: String]

    init(_ configuration: Configuration, flags: [Setting: String]) {
        self.configuration = configuration
        self.flags = flags
    }

    /// Makes a file that is not there yet, complete or not at all. Root's file, if
    /// root asks for it where nothing belongs to the database's owner.
    ///
    /// - Throws: `Service.Failure`.
    func write(to path: String) throws {
        let owner = Superuser.otherOwner(of: configuration)
        do {
            if let owner, !owner.isOnTheWay(to: path) {
                try writeAsRoot(to: path)
            } else {
                _ = try Superuser.giveUp(for: configuration)
                try writeOurselves(to: path)
            }
        } catch {
            throw Service.explain(error, database: configuration.database, keyFile: configuration.keyFile)
        }
    }

    /// Writes a copy to the standard output.
    ///
    /// - Throws: `Files.Failure` if it cannot be written, or `Service.Failure`.
    func writeToOutput() throws {
        _ = try Superuser.giveUp(for: configuration)
        let temporary = Files.temporary(for: configuration.database)
        defer { Files.removeDatabase(temporary) }
        do {
            try copy(toNew: temporary)
        } catch let error as DatabaseError where error.reason == .storage {
            return try writeToOutputByMemory()
        } catch {
            throw Service.explain(error, database: configuration.database, keyFile: configuration.keyFile)
        }
        try OpenFile(reading: temporary).copy(to: .standardOutput)
    }

    /// What is on a full disk is saved elsewhere without more room on it.
    private func writeToOutputByMemory() throws {
        do {
            try SQLiteDatabase.copyByMemory(configuration.database) { part in
                try OpenFile.standardOutput.write(part)
            }
        } catch let error as DatabaseError {
            throw Service.explain(error, database: configuration.database, keyFile: configuration.keyFile)
        }
    }

    private func writeOurselves(to path: String) throws {
        if configuration.keptBackups != nil { try Files.makeDirectory(Files.directory(of: path)) }
        // Under another name until it is complete.
        let temporary = Files.temporary(for: path)
        defer { Files.removeDatabase(temporary) }
        try copy(toNew: temporary)
        try Files.publish(temporary, as: path)
    }

    /// Root opens the file, and a process that is no longer root the database.
    private func writeAsRoot(to path: String) throws {
        if configuration.keptBackups != nil { try Files.makeDirectory(Files.directory(of: path)) }
        let temporary = Files.temporary(for: path)
        let file = try OpenFile(creating: temporary)
        defer { Files.removeDatabase(temporary) }
        let status = file.takeOutput(of: Files.executable(), ["label-studio", "backup", "-"] + arguments)
        guard status == 0 else {
            throw Service.Failure(line: "\(path) was not made")
        }
        try file.synchronize()
        try Files.publish(temporary, as: path)
    }

    private var arguments: [String] {
        flags.filter { $0.key != .keep }.compactMap { setting, text in
            setting.flag.map { "--\($0.name)=\(text)" }
        }
    }

    private func copy(toNew path: String) throws {
        guard
            try !SQLiteDatabase.isAbsent(path: configuration.database, applicationID: Service.applicationID)
        else { throw Service.Failure(line: "there is no database \(configuration.database)") }
        try SQLiteDatabase.copy(configuration.database, toNew: path)
    }
}

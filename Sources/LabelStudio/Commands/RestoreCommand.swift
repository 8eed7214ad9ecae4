internal import Accounts
internal import Database
internal import SQLite
internal import Threads
internal import Web

/// `label-studio restore`: puts a backup in the place of the database.
enum RestoreCommand {
    static func run(_ configuration: Configuration, operands: [String]) throws -> Int32 {
        guard operands.count == 1 else {
            throw Service.Failure(line: "say from where: label-studio restore FILE")
        }
        let backup = Files.absolute(operands[0])
        // Root may read what the owner of the database may not.
        let opened = try open(backup)
        let isAlone = !Files.exists(backup + "-wal")
        let configuration = try Superuser.giveUp(for: configuration)
        let database = configuration.database
        try Files.makeDirectory(configuration.dataDirectory)
        try Files.checkWritable(configuration.dataDirectory)
        let temporary = Files.temporary(for: database)
        defer { Files.removeDatabase(temporary) }
        try copy(opened, isAlone: isAlone, to: temporary)
        let (lastEventAt, events) = try prepare(temporary, of: backup, configuration)
        let old = try replace(database, by: temporary, configuration)
        let log = Log(level: configuration.logLevel)
        for event in events { log.write(Event(event)) }

        Terminal.print("\(database) is what \(backup) holds, and was checked.")
        if let lastEventAt {
            Terminal.print(
                "Its audit ends at \(lastEventAt.iso8601): whatever was done since has to be done again.")
        }
        if let old { Terminal.print("The database of before is \(old)") }
        Terminal.print(
            configuration.keepsSessionsAndLink
                ? "Sessions and the invite link are those of the backup."
                : "All sessions have ended, and the invite link was replaced.")
        return 0
    }

    private static func open(_ backup: String) throws -> OpenFile {
        do {
            return try OpenFile(reading: backup)
        } catch {
            throw Service.Failure(line: "there is no backup that can be read: \(error)")
        }
    }

    private static func copy(_ opened: OpenFile, isAlone: Bool, to temporary: String) throws {
        let backup = opened.path
        if Files.isReadable(backup) { return try copy(backup, of: backup, to: temporary) }
        guard isAlone else {
            throw Service.Failure(
                line: "\(backup) is not complete without \(backup)-wal: copy both to where the owner of the "
                    + "database can read them; nothing was changed")
        }
        let readable = temporary + ".read"
        defer { Files.removeDatabase(readable) }
        try opened.copy(to: OpenFile(creating: readable))
        try copy(readable, of: backup, to: temporary)
    }

    /// - Parameter backup: how the operator calls it.
    private static func copy(_ path: String, of backup: String, to temporary: String) throws {
        do {
            guard try !SQLiteDatabase.isAbsent(path: path, applicationID: Service.applicationID)
            else { throw Service.Failure(line: "there is no backup: \(backup) is empty") }
            try SQLiteDatabase.copy(reading: path, toNew: temporary)
        } catch is ForeignFile {
            throw Service.Failure(line: "\(backup) is not a backup of this program; nothing was changed")
        } catch let fault as ForeignDatabase.Fault {
            throw Service.Failure(line: "\(backup) cannot be read (\(fault)); nothing was changed")
        } catch let error as DatabaseError {
            throw Service.Failure(line: "\(backup) cannot be used: \(error); nothing was changed")
        }
    }

    /// Opens the copy as the program does: schema and key have to fit.
    ///
    /// - Returns: when something last happened there, and what has happened now.
    private static func prepare(
        _ temporary: String, of backup: String, _ configuration: Configuration
    ) throws -> (lastEventAt: Timestamp?, events: [AuditEvent]) {
        do {
            let events = Locked<[AuditEvent]>([])
            let service = try Service(opening: temporary, configuration) { event in
                events.withLock { $0.append(event) }
            }
            let lastEventAt = try service.accounts.lastEventAt()
            try service.accounts.noteRestore(
                keepingSessionsAndLink: configuration.keepsSessionsAndLink, from: .commandLine)
            return (lastEventAt, events.withLock { $0 })
        } catch {
            throw Service.explain(error, database: backup, keyFile: configuration.keyFile)
        }
    }

    /// At each moment there is a whole database under its name.
    ///
    /// - Returns: the new name of the one of before, if there was one.
    private static func replace(
        _ database: String, by temporary: String, _ configuration: Configuration
    ) throws -> String? {
        do {
            if try SQLiteDatabase.isAbsent(path: database, applicationID: Service.applicationID) {
                guard !Files.exists(database + "-wal") else {
                    throw Service.Failure(
                        line: "\(database)-wal belongs to a database that is not there; put it away first")
                }
                try Files.move(temporary, to: database)
                return nil
            }
            let instant = Clock.now()
            let time = String(instant.time.filter { $0 != ":" })
            let old = "\(database).before-\(instant.date)-\(time)"
            try SQLiteDatabase.whileUnused(database) {
                try Files.addName(old, to: database)
                try Files.move(temporary, to: database)
            }
            return old
        } catch let error as DatabaseError where error.reason == .busy {
            throw Service.Failure(
                line: "\(database) is in use: stop label-studio first; nothing was changed")
        } catch let error as DatabaseError {
            throw Service.Failure(
                line: "\(database) cannot be put aside: \(error). Move it away by hand, with the files "
                    + "beside it whose names begin with its own, and restore again; nothing was changed")
        } catch {
            throw Service.explain(error, database: database, keyFile: configuration.keyFile)
        }
    }
}

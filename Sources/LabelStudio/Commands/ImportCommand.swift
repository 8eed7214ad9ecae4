internal import Accounts
internal import Predecessor
internal import SQLite

/// `label-studio import`: takes over the people of a Label Studio. Its files
/// are only read.
enum ImportCommand {
    static func run(_ configuration: Configuration, operands: [String]) throws -> Int32 {
        guard operands.count == 1 else {
            throw Service.Failure(
                line: "say from where: label-studio import PATH, the label_studio.sqlite3 of a Label Studio")
        }
        let source = operands[0]
        guard !isAddress(source) else {
            throw Service.Failure(
                line: "a Label Studio on PostgreSQL cannot be imported yet; only its SQLite file can")
        }
        // First of all: a fault there must not leave an empty database here.
        let installation = try read(source)
        let key = try secretKey(configuration, beside: source)
        let service =
            try configuration.isDryRun
            ? Service(trying: configuration) : Service(configuration, isFirstStartAllowed: true)
        Terminal.note("Database: \(configuration.database)")
        let report = try takeOver(installation, key, MediaFolder(besideDatabase: source), service)
        for line in report.lines { Terminal.print(line) }
        if configuration.isDryRun { Terminal.print("This was a dry run: nothing was changed.") }
        return 0
    }

    /// Without what may stand in it: it may hold a password.
    private static func isAddress(_ source: String) -> Bool {
        source.hasPrefix("postgres://") || source.hasPrefix("postgresql://")
    }

    private static func takeOver(
        _ installation: Installation, _ key: [UInt8]?, _ media: MediaFolder, _ service: Service
    ) throws -> ImportReport {
        do {
            return try service.accounts.takeOver(
                installation, refreshKey: key, mediaFile: { media.file($0) }, from: .commandLine)
        } catch let fault as ReadingFault {
            throw Service.Failure(line: "the import was given up: \(sentence(fault))")
        }
    }

    private static func read(_ path: String) throws -> Installation {
        do {
            if try !SQLiteDatabase.isAbsent(path: path, applicationID: Service.applicationID) {
                throw Service.Failure(
                    line: "\(path) is a database of this program; an import needs that of a Label Studio")
            }
        } catch is ForeignFile {
            // As it should be.
        }
        do {
            return try ForeignDatabase.read(path: path) { try Installation(reading: $0) }
        } catch let fault as ForeignDatabase.Fault {
            throw Service.Failure(line: "\(path) \(sentence(fault)); nothing was imported")
        } catch let fault as ReadingFault {
            throw Service.Failure(line: "\(path) \(sentence(fault)); nothing was imported")
        }
    }

    private static func sentence(_ fault: ForeignDatabase.Fault) -> String {
        switch fault {
        case .unavailable(let reason): "cannot be read: \(reason)"
        case .notDatabase: "is not a database"
        case .locked: "is locked by another program; try again, or stop that program"
        case .unfinished:
            "was left in the middle of a change, or cannot be read as it lies; "
                + "start that Label Studio once more, stop it, and try again"
        case .damaged(let reason): "is damaged: \(reason)"
        }
    }

    private static func sentence(_ fault: ReadingFault) -> String {
        switch fault {
        case .missing(let what):
            "is not a database of a Label Studio, or of a version that is not known here: "
                + "\(what) is missing"
        case .newer(let step):
            "was written by a newer version of Label Studio than \(Installation.newestVersion), "
                + "the newest that is known here (\(step))"
        case .damaged(let reason): "is damaged: \(reason)"
        case .empty: "holds no organization: nobody has an account there"
        }
    }

    /// What personal access tokens there are signed with.
    private static func secretKey(
        _ configuration: Configuration, beside source: String
    ) throws -> [UInt8]? {
        if let path = configuration.secretKeyFile {
            guard let key = SecretKeyFile.key(in: try Files.read(path)) else {
                throw Service.Failure(line: "\(path) holds no SECRET_KEY, nor a key on a line of its own")
            }
            return key
        }
        let path = Files.directory(of: Files.absolute(source)) + "/.env"
        guard Files.exists(path) else { return nil }
        return SecretKeyFile.variable(in: try Files.read(path))
    }
}

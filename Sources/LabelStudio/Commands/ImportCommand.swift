internal import Accounts
internal import Predecessor

/// `label-studio import`: takes over the people of a Label Studio. Its database
/// is only read.
enum ImportCommand {
    static func run(_ configuration: Configuration, operands: [String]) throws -> Int32 {
        guard operands.count == 1 else {
            throw Service.Failure(
                line: "say from where: label-studio import PATH, the label_studio.sqlite3 of a Label Studio, "
                    + "or label-studio import postgresql://USER@HOST/DATABASE")
        }
        let source = try ImportSource(operands[0])
        // First of all: a fault there must not leave an empty database here.
        let installation = try source.read()
        let key = try secretKey(configuration, in: source.directory)
        // Root may read what the owner of our database may not: the photos, too.
        var media = source.directory.map(MediaFolder.init(in:))
        if Superuser.otherOwner(of: configuration) != nil {
            media?.open(installation.people.compactMap(\.avatar))
        }
        let configuration = try Superuser.giveUp(for: configuration)
        let service =
            try configuration.isDryRun
            ? Service(trying: configuration) : Service(configuration, isFirstStartAllowed: true)
        Terminal.note("Database: \(configuration.database)")
        let report = try takeOver(installation, key, media, service)
        for line in report.lines { Terminal.print(line) }
        if configuration.isDryRun { Terminal.print("This was a dry run: nothing was changed.") }
        return 0
    }

    private static func takeOver(
        _ installation: Installation, _ key: [UInt8]?, _ media: MediaFolder?, _ service: Service
    ) throws -> ImportReport {
        do {
            return try service.accounts.takeOver(
                installation, refreshKey: key, mediaFile: { media?.file($0) }, from: .commandLine)
        } catch let fault as ReadingFault {
            throw Service.Failure(line: "the import was given up: the database \(fault.sentence)")
        }
    }

    /// What personal access tokens there are signed with.
    private static func secretKey(
        _ configuration: Configuration, in directory: String?
    ) throws -> [UInt8]? {
        if let path = configuration.secretKeyFile {
            guard let key = SecretKeyFile.key(in: try Files.read(path)) else {
                throw Service.Failure(line: "\(path) holds no SECRET_KEY, nor a key on a line of its own")
            }
            return key
        }
        guard let path = directory.map({ $0 + "/.env" }), Files.exists(path) else { return nil }
        return SecretKeyFile.variable(in: try Files.read(path))
    }
}

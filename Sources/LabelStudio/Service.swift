internal import Accounts
internal import Database
internal import Enrollment
internal import FastCGI
internal import HTTP
internal import Photos
internal import SQLite
internal import Secrets
internal import Templates
internal import Threads
internal import Upstream
internal import Web

/// The parts of the program, put together from a configuration.
struct Service {
    var accounts: Accounts
    let log: Log

    /// `LSac`: what our database files carry in their header.
    static let applicationID: Int32 = 0x4C53_6163

    /// A line for the operator about why it cannot start.
    struct Failure: Error {
        let line: String
    }

    /// Opens database and key.
    ///
    /// - Parameter isFirstStartAllowed: whether both are made if there are none;
    ///   an administration command in a mistyped directory must not make any.
    init(_ configuration: Configuration, isFirstStartAllowed: Bool = false) throws {
        do {
            let isFirstStart = try SQLiteDatabase.isAbsent(
                path: configuration.database, applicationID: Self.applicationID)
            guard isFirstStartAllowed || !isFirstStart else {
                throw Failure(
                    line: "there is no database at \(configuration.database); start the server first, "
                        + "or name its directory with --data-dir")
            }
            try Files.makeDirectory(configuration.dataDirectory)
            try Files.checkWritable(configuration.dataDirectory)
            let key = try configuration.key ?? KeyFile.open(configuration.keyFile, isFirstStart: isFirstStart)
            let photos = PhotoDirectory(path: configuration.photos)
            try photos.make()
            try self.init(
                configuration,
                database: SQLiteDatabase(path: configuration.database, applicationID: Self.applicationID),
                key: key, photos: photos,
                prepareMigration: { try MigrationBackup(of: configuration.database, before: $0).make() })
        } catch {
            throw Self.explain(error, database: configuration.database, keyFile: configuration.keyFile)
        }
    }

    /// For an administration command: as the owner of the database, which it names.
    static func administered(_ configuration: Configuration) throws -> Service {
        let service = try Service(Superuser.giveUp(for: configuration))
        Terminal.note("Database: \(configuration.database)")
        return service
    }

    /// Opens a copy of the database in memory, to try something out. If there
    /// is none yet, the copy is an empty one, and there is no key file either.
    init(trying configuration: Configuration) throws {
        do {
            let isFirstStart = try SQLiteDatabase.isAbsent(
                path: configuration.database, applicationID: Self.applicationID)
            let isKeyless = isFirstStart && configuration.key == nil && Files.isAbsent(configuration.keyFile)
            let key =
                isKeyless
                ? KeyFile.random()
                : try configuration.key ?? KeyFile.open(configuration.keyFile, isFirstStart: false)
            try self.init(
                configuration,
                database: isFirstStart
                    ? SQLiteDatabase() : SQLiteDatabase(copying: configuration.database), key: key,
                observe: { _ in })
        } catch {
            throw Self.explain(error, database: configuration.database, keyFile: configuration.keyFile)
        }
    }

    /// Opens another file, which must be a database of ours, with our key.
    ///
    /// - Parameter observe: is told of every event of the audit: nothing is
    ///   logged before the file has its place.
    init(
        opening path: String, _ configuration: Configuration,
        observe: @escaping @Sendable (AuditEvent) -> Void
    ) throws {
        let key = try configuration.key ?? KeyFile.open(configuration.keyFile, isFirstStart: false)
        let database = try SQLiteDatabase(path: path, applicationID: Self.applicationID)
        try self.init(configuration, database: database, key: key, observe: observe)
    }

    private init(
        _ configuration: Configuration, database: SQLiteDatabase, key: MasterKey,
        photos: PhotoDirectory? = nil, observe: (@Sendable (AuditEvent) -> Void)? = nil,
        prepareMigration: (SchemaChange) throws -> Void = { _ in }
    ) throws {
        let log = Log(level: configuration.logLevel)
        self.log = log
        let database = MeasuredDatabase(database)
        self.database = database
        accounts = try Accounts(
            database: database, photos: photos, key: key, passwords: try PasswordHasher(),
            rules: Accounts.Rules(configuration),
            randomness: .system, now: { Clock.now() }, observe: observe ?? { log.write(Event($0)) },
            prepareMigration: prepareMigration)
        siteKeys = Site.Keys(key)
        throttle = Throttle(isOn: configuration.isThrottled)
    }

    private let siteKeys: Site.Keys
    private let database: MeasuredDatabase
    private let figures = Figures()
    /// Its budgets outlive a reload.
    let throttle: Throttle
    private let auditBounds = AuditBounds()
    private let databaseDoubt = DatabaseDoubt()
    let webSockets = OpenWebSockets()
    private let startedAt = Clock.now()
    /// Nil: there is no Label Studio behind the gate, or nobody has looked yet.
    private let labelingServerAnswers = Locked<Bool?>(nil)

    /// The site on these accounts.
    func site(_ configuration: Configuration, on accounts: Accounts) throws -> Site {
        do {
            let resources = configuration.resources
            return Site(
                accounts: accounts,
                templates: try PageTemplates(
                    path: resources.templates, address: configuration.publicAddress,
                    assetsVersion: try resources.assetsVersion(),
                    isBesideLabelingServer: configuration.upstream != nil),
                messages: try Messages(
                    path: resources.templates + "/messages.txt", names: Sentence.names),
                apiDescription: try APIDescription(
                    parsing: Files.read(resources.templates + "/openapi.json")),
                addresses: Addresses(
                    configured: configuration.publicAddress, trustedProxies: configuration.trustedProxies,
                    siteHosts: configuration.siteHosts),
                settings: Site.Settings(
                    sessionCookieName: configuration.sessionCookieName, version: Program.version,
                    allowedOrigins: configuration.allowedOrigins,
                    isLabelingServerAdminOpen: configuration.isUpstreamAdminOpen),
                throttle: throttle,
                auditBounds: auditBounds, figures: figures, webSockets: webSockets,
                labelingServer: try enroller(configuration, accounts), keys: siteKeys, randomness: .system,
                now: { Clock.now() }, log: { [log] in log.write($0) },
                logRequest: requestLog(configuration))
        } catch {
            throw Failure(line: "\(error)")
        }
    }

    private func enroller(_ configuration: Configuration, _ accounts: Accounts) throws -> Enroller? {
        guard let address = configuration.upstream else { return nil }
        let key = try UpstreamSecret.needed(configuration)
        return Enroller(
            accounts: accounts, server: LabelingServer(at: address, key: key), doubt: databaseDoubt)
    }

    private func requestLog(_ configuration: Configuration) -> (@Sendable (RequestLine) -> Void)? {
        guard configuration.logLevel <= .info else { return nil }
        return { [log] (line: RequestLine) in log.write(line) }
    }

    /// The responder for this site on a listening socket, everything in order.
    func responder(_ site: CurrentSite, listener: Int32) -> Responder {
        tidy()
        var limits = Responder.Limits()
        limits.slowWorkers = Program.processors
        // They take no processor meanwhile.
        if site.value.waits { limits.waitingWorkers = 8 }
        return Responder(
            listener: listener, limits: limits,
            handler: Responder.Handler(
                answer: { site.value.answer($0) }, answerAtOnce: { site.value.answerAtOnce($0) },
                lane: { site.value.lane(of: $0) },
                refuse: { site.value.refuse($0) }, mayBringFile: { site.value.mayBringFile($0, $1) }))
    }

    /// Serves the figures, if somebody has said where. If that place is taken,
    /// people log in without.
    func metrics(_ configuration: Configuration, of responder: Responder) -> MetricsServer? {
        let listener: ListeningSocket?
        do {
            listener = try metricsSocket(configuration)
        } catch {
            log.write(Event(.error, "no-metrics", [("error", error.line)]))
            return nil
        }
        guard let listener else { return nil }
        let page = MetricsPage(
            version: Program.version, startedAt: startedAt, figures: figures, database: database,
            load: { responder.currentLoad }, sessions: { countSessions() },
            labelingServerAnswers: { [labelingServerAnswers] in labelingServerAnswers.withLock { $0 } })
        return MetricsServer(listener) { page.text }
    }

    /// Looks after the Label Studio behind the gate, if there is one.
    func watch(_ site: CurrentSite) -> LabelingServerWatch? {
        guard site.value.labelingServer != nil else { return nil }
        return LabelingServerWatch(
            server: { site.value.labelingServer },
            answers: { [labelingServerAnswers] now in labelingServerAnswers.withLock { $0 = now } },
            log: { [log] in log.write($0) })
    }

    private func metricsSocket(
        _ configuration: Configuration
    ) throws(Failure) -> ListeningSocket? {
        switch configuration.metrics {
        case .unix(let path): try ListeningSocket(path: path)
        case .loopback(let host, let port): try ListeningSocket(loopback: host, port: port)
        case nil: ListeningSocket(inheritedForMetricsIn: SettingValues.environment())
        }
    }

    private func countSessions() -> Int? {
        do {
            return try accounts.countSessions()
        } catch {
            log.write(Event(.warning, "sessions-not-counted", [("error", "\(error)")]))
            return nil
        }
    }

    /// Removes what has expired. A failure is for the log: the next time comes.
    func tidy() {
        do {
            try accounts.tidy()
        } catch {
            log.write(Event(.warning, "tidying-failed", [("error", "\(error)")]))
        }
    }

    /// Makes the account that the operator asks for.
    ///
    /// - Returns: what to tell him; nil if he asked for none.
    func provision(_ configuration: Configuration) throws -> String? {
        guard let account = configuration.account else { return nil }
        do {
            switch try accounts.provision(
                email: account.email, password: account.password, token: account.token)
            {
            case .created: return "User \(account.email) was created"
            case .kept:
                return "User \(account.email) already exists; password and token were kept as they are"
            case .keptRemoved:
                return "User \(account.email) was removed from the organization and stays removed"
            }
        } catch is Accounts.TokenTaken {
            throw Failure(line: "another account has this token already: choose another user token")
        }
    }

    /// - Parameter path: the file of the database that the error is about.
    static func explain(_ error: any Error, database path: String, keyFile: String) -> Failure {
        switch error {
        case let error as ForeignFile where error.kind == .database:
            return Failure(
                line: "\(path) is a database of another program and was left as it is; "
                    + "choose another file with --database. The people of a Label Studio are taken over by: "
                    + "label-studio import \(path)")
        case is ForeignFile:
            return Failure(
                line: "\(path) is not a database and was left as it is; choose another file with --database")
        case let error as SchemaTooNew:
            return Failure(
                line: "\(path) was written by a newer version of this program (schema \(error.found), "
                    + "this version knows \(error.known)); install that version again")
        case let error as SchemaAltered:
            return Failure(line: "\(path): step \(error.number) of its schema is not the one of this program")
        case is Accounts.WrongKey:
            return Failure(
                line: "the key in \(keyFile) is not the one that \(path) was made with; "
                    + "put the right key file back")
        case let error as Failure:
            return error
        default:
            return Failure(line: "\(error)")
        }
    }
}

extension Accounts.Rules {
    init(_ configuration: Configuration) {
        self.init(
            isSignUpOpen: configuration.isSignUpOpen, passwordMinimum: configuration.passwordMinimum,
            auditDays: configuration.auditDays)
    }
}

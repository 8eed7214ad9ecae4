internal import Accounts
internal import Glibc
internal import HTTP
internal import Secrets
internal import Upstream
internal import Web

/// What the program runs with: read once, checked as a whole.
struct Configuration {
    var dataDirectory: String
    /// Where the files of the photos are.
    var photos: String { dataDirectory + "/avatars" }
    var database: String
    var keyFile: String
    /// What the key file held, if it was read when we still could.
    var key: MasterKey?
    var resources: Resources
    var publicAddress: PublicAddress?
    var listenAddress: String
    var port: UInt16
    var socket: String?
    /// Where the figures are read.
    var metrics: MetricsAddress?
    var trustedProxies: [IPNetwork]
    /// Other sites whose pages may call the API.
    var allowedOrigins: [String]
    /// Other hosts of ours, with sites behind the gate.
    var siteHosts: [String]
    var isSignUpOpen: Bool
    /// Whether there are limits against guessing; off if a gateway has them.
    var isThrottled: Bool
    var passwordMinimum: Int
    /// How long the audit is kept.
    var auditDays: Int
    var sessionCookieName: String
    var logLevel: Event.Level
    var opensBrowser: Bool
    /// The account that the operator asks for.
    var account: ProvisionedAccount?
    /// Whether a command only says what it would do.
    var isDryRun: Bool
    /// Where the key of another program is.
    var secretKeyFile: String?
    /// The form of an output; nil: the usual one of the command.
    var format: OutputFormat?
    /// How many backups stay in their directory; nil: a backup is one file.
    var keptBackups: Int?
    /// Whether everybody is meant.
    var isForAll: Bool
    /// Whether a restored database keeps its sessions and its invite link.
    var keepsSessionsAndLink: Bool
    /// Where the Label Studio behind the gate listens.
    var upstream: UpstreamAddress?
    /// What holds its key.
    var upstreamKeyFile: String?
    /// Whether its administration is open.
    var isUpstreamAdminOpen: Bool
    /// The number of an account there.
    var upstreamUser: Int64?
    /// Whose account there is used to read its invite link.
    var serviceEmail: EmailAddress?
    var warnings: [String]
    /// What was set, as a hash of its text: to see what changes, without keeping secrets.
    var fingerprints: [Setting: [UInt8]]
    /// Variables that have what the file of variables says: the service manager has
    /// read it, too. Once they are gone from the file, they are not set any more.
    var variablesOfFile: Set<String>

    struct ProvisionedAccount {
        let email: EmailAddress
        let password: Password
        let token: APIToken?
    }

    /// Everything that is wrong with the settings; a line each.
    struct Faults: Error {
        let lines: [String]
    }
}

extension Configuration {
    /// Reads the files that the settings name, too: whoever reads them again gets
    /// what those hold by then.
    ///
    /// - Parameters:
    ///   - credentials: where they are, if the environment does not say it.
    ///   - start: what was read at the start, if this is a reload. The account was
    ///     provided for then: nobody is asked for its password again.
    /// - Throws: `Faults`, all at once.
    init(
        command: Command, flags: [Setting: String], environment: [String: String],
        credentials: Credentials? = nil, reloading start: Configuration? = nil
    ) throws(Faults) {
        var variables = Variables(
            environment.filter { !(start?.variablesOfFile.contains($0.key) ?? false) })
        variablesOfFile = []
        let isLeftToServiceManager =
            command == .fastcgi && start == nil && flags[.environmentFile] == nil
            && EnvironmentFile.isForServiceManagerOnly(environment)
        if let path = flags[.environmentFile] ?? variables.text(.environmentFile), !isLeftToServiceManager {
            let file = try EnvironmentFile(path: path)
            variables.overlay(file)
            variablesOfFile = Set(file.variables.keys.filter { file.variables[$0] == environment[$0] })
        }
        let credentials = credentials ?? Credentials(environment)
        try variables.overlay(credentials)
        let file: ConfigFile? =
            if let path = flags[.configFile] ?? variables.text(.configFile) {
                try ConfigFile(path: path)
            } else { nil }
        let values = SettingValues(flags: flags, file: file, variables: variables)
        fingerprints = values.fingerprints
        var reader = SettingReader(values)
        passwordMinimum = reader.number(.passwordMinimum, in: 8...128) ?? 8
        // A check asks nobody for a password, and a reload makes no account.
        let isAccountRead =
            [.start, .fastcgi].contains(command) && start == nil
            || command == .check && reader.text(.password) != "-"
        account = isAccountRead ? reader.account(passwordMinimum: passwordMinimum) : nil
        publicAddress = reader.parsed(
            .host, PublicAddress.init(parsing:),
            expected: "an address such as https://example.org or http://example.org:8080/labels")
        listenAddress =
            reader.parsed(
                .internalHost, { IPAddress($0 == "localhost" ? "127.0.0.1" : $0)?.description },
                expected: "an IP address such as 0.0.0.0 or 127.0.0.1") ?? "0.0.0.0"
        // 0 stands for a port that is wrong: it is free when that is checked.
        port = UInt16(reader.number(.port, in: 1...65_535) ?? (reader.text(.port) == nil ? 8080 : 0))
        isThrottled = reader.boolean(.throttle) ?? true
        auditDays = reader.number(.auditDays, in: 1...3650) ?? Accounts.Rules.standardAuditDays
        isSignUpOpen = !(reader.boolean(.disableSignUpWithoutLink) ?? false)
        opensBrowser = !(reader.boolean(.noBrowser) ?? false)
        trustedProxies = reader.networks(.trustedProxies)
        allowedOrigins = reader.origins(.allowedOrigins)
        siteHosts = reader.hosts(.siteHosts, beside: publicAddress)
        logLevel = reader.logLevel() ?? .info
        sessionCookieName =
            reader.parsed(
                .sessionCookieName, SettingReader.cookieName, expected: "letters, digits, - and _")
            ?? "sessionid"
        socket = reader.text(.socket)
        metrics = reader.parsed(
            .metrics, MetricsAddress.init(parsing:), expected: MetricsAddress.expected)
        isDryRun = reader.boolean(.dryRun) ?? false
        secretKeyFile = reader.text(.secretKeyFile)
        format = reader.parsed(.format, OutputFormat.init(rawValue:), expected: "json or csv")
        keptBackups = reader.number(.keep, in: 1...10_000)
        isForAll = reader.boolean(.all) ?? false
        keepsSessionsAndLink = reader.boolean(.keepSessionsAndLink) ?? false
        upstream = reader.parsed(
            .upstream, UpstreamAddress.init(parsing:), expected: UpstreamAddress.expected)
        upstreamKeyFile =
            credentials.upstreamSecretKey ?? reader.text(.upstreamEnvironmentFile).map(Files.absolute)
        isUpstreamAdminOpen = reader.boolean(.upstreamAdmin) ?? false
        upstreamUser = reader.number(.upstreamUser, in: 1...Int(Int32.max)).map(Int64.init)
        serviceEmail = reader.parsed(
            .serviceEmail, { try? EmailAddress(parsing: $0) }, expected: "an e-mail address")

        let directory = reader.text(.dataDirectory) ?? Self.defaultDataDirectory(environment)
        if directory == nil {
            reader.fault("there is no home directory: set --data-dir or LABEL_STUDIO_BASE_DATA_DIR")
        }
        dataDirectory = Files.absolute(directory ?? "/nonexistent")
        database = reader.text(.database).map(Files.absolute) ?? dataDirectory + "/accounts.sqlite3"
        keyFile =
            credentials.key ?? reader.text(.keyFile).map(Files.absolute)
            ?? dataDirectory + "/accounts.key"
        resources = reader.resources()
        warnings = reader.values.warnings
        if isLeftToServiceManager, let path = variables.text(.environmentFile) {
            warnings.append(
                "user \(geteuid()) may not read \(path): what systemd read there is in force, but a reload "
                    + "will not take up changes; let the service's group read it, or restart after each change"
            )
        }
        if [.start, .fastcgi].contains(command), upstream != nil {
            if upstreamKeyFile == nil { reader.fault(UpstreamSecret.missing) }
            if publicAddress?.prefix.isEmpty == false {
                reader.fault(
                    "a Label Studio behind the gate has the whole host: LABEL_STUDIO_HOST can have no sub-path"
                )
            }
        }
        if command == .start {
            for line in StartCommand.faults(self) { reader.fault(line) }
        }
        guard reader.faults.isEmpty else { throw Faults(lines: reader.faults) }
    }

    private static func defaultDataDirectory(_ environment: [String: String]) -> String? {
        if let data = environment["XDG_DATA_HOME"], !data.isEmpty { return data + "/label-studio" }
        guard let home = environment["HOME"], !home.isEmpty else { return nil }
        return home + "/.local/share/label-studio"
    }
}

/// Everything that an operator can set, by flag or by environment variable.
/// One table: the command line, its help and the environment are read by it.
enum Setting: String, CaseIterable {
    case username = "USERNAME"
    case password = "PASSWORD"
    case userToken = "USER_TOKEN"
    case host = "HOST"
    case internalHost = "INTERNAL_HOST"
    case port = "PORT"
    case dataDirectory = "BASE_DATA_DIR"
    case database = "DATABASE_NAME"
    case logLevel = "LOG_LEVEL"
    case noBrowser = "NO_BROWSER"
    case configFile = "CONFIG"
    case environmentFile = "ENV_FILE"
    case enableLegacyToken = "ENABLE_LEGACY_API_TOKEN"
    case disableSignUpWithoutLink = "DISABLE_SIGNUP_WITHOUT_LINK"
    case trustedProxies = "TRUSTED_PROXIES"
    case allowedOrigins = "CORS_ALLOWED_ORIGINS"
    case siteHosts = "SITE_HOSTS"
    case keyFile = "KEY_FILE"
    case sessionCookieName = "SESSION_COOKIE_NAME"
    case passwordMinimum = "PASSWORD_MIN_LENGTH"
    case auditDays = "AUDIT_DAYS"
    case throttle = "THROTTLE"
    case socket = "SOCKET"
    case metrics = "METRICS"
    case resources = "RESOURCES"
    case dryRun = "DRY_RUN"
    case secretKeyFile = "SECRET_KEY_FILE"
    case format = "FORMAT"
    case keepSessionsAndLink = "KEEP_SESSIONS_AND_LINK"
    case all = "ALL"
    case keep = "KEEP"
    case upstream = "UPSTREAM"
    case upstreamEnvironmentFile = "UPSTREAM_ENV_FILE"
    case upstreamAdmin = "UPSTREAM_ADMIN"
    case upstreamUser = "UPSTREAM_USER"
    case serviceEmail = "UPSTREAM_AS"

    struct Flag {
        let name: StaticString
        /// A one-letter form.
        var letter: Character?
        /// What it is called beside that where one command has few others.
        var alias: (command: Command, name: StaticString)?
        /// The name of its value in the help; nil: it has none.
        var value: StaticString?
        let help: StaticString
        var commands: Set<Command>
    }

    /// The flag of the setting; nil if it is set by the environment only.
    var flag: Flag? {
        switch self {
        case .username:
            Flag(
                name: "username", value: "EMAIL", help: "E-mail address of the account",
                commands: [.start, .fastcgi, .user, .resetPassword])
        case .password:
            Flag(
                name: "password", value: "PASSWORD",
                help: "Password of the account; - reads it from standard input",
                commands: [.start, .fastcgi, .user, .resetPassword])
        case .userToken:
            Flag(
                name: "user-token", value: "TOKEN",
                help: "API token of the account, 5 to 60 characters; made for you if not given",
                commands: [.start, .fastcgi])
        case .host:
            Flag(
                name: "host", value: "URL", help: "Public address, such as https://example.org/labels",
                commands: [.start, .fastcgi, .invite, .user, .check])
        case .internalHost:
            Flag(
                name: "internal-host", value: "ADDRESS", help: "Address to listen on (default 0.0.0.0)",
                commands: [.start])
        case .port:
            Flag(
                name: "port", letter: "p", value: "PORT", help: "Port to listen on (default 8080)",
                commands: [.start, .invite, .user])
        case .dataDirectory:
            Flag(
                name: "data-dir", value: "DIRECTORY", help: "Where accounts and the key are kept",
                commands: Set(Command.allCases))
        case .database:
            Flag(
                name: "database", value: "FILE",
                help: "Database file (default: accounts.sqlite3 in the data directory)",
                commands: Set(Command.allCases))
        case .logLevel:
            Flag(
                name: "log-level", value: "LEVEL",
                help:
                    "DEBUG, INFO (default: a line for each request), WARNING or ERROR; security events are always told",
                commands: Set(Command.allCases))
        case .noBrowser:
            Flag(name: "no-browser", letter: "b", help: "Do not open a browser", commands: [.start])
        case .enableLegacyToken:
            Flag(
                name: "enable-legacy-api-token", help: "Accepted and not needed: API tokens work anyway",
                commands: [.start, .fastcgi])
        case .configFile:
            Flag(
                name: "config", letter: "c", value: "FILE",
                help: "JSON file with settings, such as {\"username\": …, \"password\": …}",
                commands: Set(Command.allCases))
        case .environmentFile:
            Flag(
                name: "env-file", value: "FILE",
                help: "File of variables, as systemd reads it: NAME=VALUE; it wins over the environment",
                // There it is the file of the Label Studio.
                commands: Set(Command.allCases).subtracting([.upstream]))
        case .socket:
            Flag(
                name: "socket", value: "PATH",
                help: "Unix socket to make and listen on; default: the inherited one. A check tries it",
                commands: [.fastcgi, .check])
        case .metrics:
            Flag(
                name: "metrics", value: "ADDRESS",
                help: "Where GET /metrics is answered: unix:PATH or 127.0.0.1:PORT; default: nowhere",
                commands: [.start, .fastcgi])
        case .dryRun:
            Flag(
                name: "dry-run", help: "Say what would be done, and change nothing", commands: [.import])
        case .secretKeyFile:
            Flag(
                name: "secret-key-file", value: "FILE",
                help: "File with the SECRET_KEY of that Label Studio (default: .env beside its database)",
                commands: [.import])
        case .format:
            Flag(
                name: "format", value: "json|csv",
                help: "Form of the output; without it, an export is JSON, and a list a table",
                commands: [.export, .user, .sessions, .upstream])
        case .keep:
            Flag(
                name: "keep", value: "COUNT",
                help: "Write into a directory, and remove the oldest of more copies than so many",
                commands: [.backup])
        case .upstream:
            Flag(
                name: "upstream", alias: (.upstream, "url"), value: "URL",
                help: "Where the Label Studio behind the gate listens: http://127.0.0.1:8081, or unix:PATH",
                commands: [.start, .fastcgi, .upstream])
        case .upstreamEnvironmentFile:
            Flag(
                name: "upstream-env-file", alias: (.upstream, "env-file"), value: "FILE",
                help: "The .env in the data directory of that Label Studio, with its SECRET_KEY",
                commands: [.start, .fastcgi, .upstream])
        case .upstreamAdmin:
            Flag(
                name: "upstream-admin",
                help: "Open the administration of that Label Studio, /admin/, to whom it lets in",
                commands: [.start, .fastcgi])
        case .upstreamUser:
            Flag(
                name: "upstream-user", value: "NUMBER", help: "The account there that is linked",
                commands: [.upstream])
        case .serviceEmail:
            Flag(
                name: "as", value: "EMAIL",
                help: "The account there by which its invite link is read; default: the owner's",
                commands: [.upstream])
        case .all:
            Flag(name: "all", help: "End the sessions of everybody", commands: [.sessions])
        case .keepSessionsAndLink:
            Flag(
                name: "keep-sessions-and-link",
                help: "Leave sessions and the invite link as they were; else they end", commands: [.restore])
        case .disableSignUpWithoutLink, .trustedProxies, .allowedOrigins, .siteHosts, .keyFile,
            .sessionCookieName, .passwordMinimum, .auditDays, .throttle, .resources:
            nil
        }
    }

    /// The names of the environment variable, the first that is set wins. The
    /// product we follow reads its settings without a prefix too.
    var variables: [String] {
        switch self {
        case .trustedProxies, .siteHosts, .keyFile, .sessionCookieName, .passwordMinimum, .auditDays,
            .throttle,
            .noBrowser,
            .configFile, .environmentFile, .socket, .metrics, .resources, .dryRun, .secretKeyFile, .format,
            .keepSessionsAndLink, .all, .keep, .upstream, .upstreamEnvironmentFile, .upstreamAdmin,
            .upstreamUser, .serviceEmail:
            ["LABEL_STUDIO_\(rawValue)"]
        default:
            ["LABEL_STUDIO_\(rawValue)", "HEARTEX_\(rawValue)", rawValue]
        }
    }

    /// Variables of the product we follow that would make this one weaker, that
    /// mean nothing here, or that are not followed yet.
    static let withoutEffect: Set<String> = [
        "ALLOWED_HOSTS", "ALLOW_ORGANIZATION_CREATION", "COLLECT_ANALYTICS",
        "CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ALLOW_ALL_ORIGINS", "CSRF_COOKIE_AGE", "CSRF_COOKIE_HTTPONLY",
        "CSRF_COOKIE_SAMESITE", "CSRF_COOKIE_SECURE", "CSRF_TRUSTED_ORIGINS", "DEBUG", "DJANGO_DB",
        "DOMAIN_FROM_REQUEST", "ENABLE_CSP", "FRONTEND_SENTRY_DSN", "INACTIVITY_SESSION_TIMEOUT_ENABLED",
        "JSON_LOG", "LATEST_VERSION_CHECK", "LOGOUT_REDIRECT_URL", "LS_CSP_REPORT_ONLY", "MAX_SESSION_AGE",
        "MAX_TIME_BETWEEN_ACTIVITY", "SECRET_KEY", "SENTRY_DSN", "SESSION_COOKIE_SAMESITE",
        "SESSION_COOKIE_SECURE", "USE_ENFORCE_CSRF_CHECKS",
    ]
}

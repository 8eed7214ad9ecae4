/// What the program can be asked to do.
enum Command: String, CaseIterable {
    case start
    case fastcgi
    case user
    case sessions
    case invite
    case resetPassword = "reset_password"
    case `import`
    case export
    case backup
    case restore
    case check
    case upstream
    case version

    var summary: StaticString {
        switch self {
        case .start: "Run the whole site: the responder and an nginx in front of it."
        case .fastcgi: "Run the FastCGI responder alone, for an nginx of your own."
        case .user: "Show an account, list or add people, or act upon them."
        case .sessions: "Show where somebody is logged in, or end sessions."
        case .invite: "Show the invite link of the organization, or reset it."
        case .resetPassword: "Set the password of an account."
        case .import: "Take over the people of a Label Studio, from its database."
        case .export: "Write people and projects to standard output."
        case .backup: "Copy the database to a file, while it is in use."
        case .restore: "Put a backup in the place of the database."
        case .check: "Test the configuration and what it names, and say what to do."
        case .upstream: "Put a Label Studio behind the gate, and say who is who there."
        case .version: "Print the version."
        }
    }

    /// Whether it acts upon the database of a service, running or not.
    var isAdministration: Bool {
        switch self {
        case .start, .fastcgi, .version: false
        case .user, .sessions, .invite, .resetPassword, .import, .export, .backup, .restore, .check,
            .upstream:
            true
        }
    }

    /// What stands after the options, as the help shows it.
    var operands: StaticString {
        switch self {
        case .invite: "show|reset"
        case .import: "LABEL_STUDIO_DATABASE"
        case .export: "people"
        case .backup:
            """
            FILE
            -
            --keep COUNT DIRECTORY
            """
        case .restore: "FILE"
        case .user:
            """
            [list]
            [add|promote|demote|reset-link|end-sessions|deactivate|reactivate|remove|restore EMAIL]
            """
        case .upstream:
            """
            add|check|list|remove
            provision|link|unlink EMAIL
            """
        case .sessions:
            """
            list EMAIL
            end EMAIL
            end --all
            """
        default: ""
        }
    }
}

internal import Glibc
internal import Web

/// The program: reads the command line, runs the command, ends with its status.
@main
enum Program {
    static let version = "0.1.0"
    static let title: StaticString = "label-studio 0.1.0"

    /// How many processors there are for us.
    static var processors: Int {
        max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// A fault of the operator's: settings or arguments.
    static let misuse: Int32 = 2

    static func main() {
        // What we make, nobody else may read.
        umask(0o077)
        raiseDescriptorLimit()
        let arguments = CommandLine.arguments.dropFirst().map { $0 == "-db" ? "--database" : $0 }
        exit(run(arguments))
    }

    /// 1,000 clients need more descriptors than the 1024 that a process gets by
    /// default; nginx inherits the limit.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, 65_536))
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func run(_ arguments: [String]) -> Int32 {
        switch arguments.first {
        case "--version", "-V":
            Terminal.print("\(title)")
            return 0
        case "--help", "-h", "-?", "help":
            Terminal.print(usage)
            return 0
        case let name? where !name.hasPrefix("-"):
            guard let command = Command(rawValue: name) else {
                Terminal.note("label-studio: there is no command \"\(name)\"\n\n\(usage)", .error)
                return misuse
            }
            return run(command, Array(arguments.dropFirst()))
        default:
            return run(.start, Array(arguments))
        }
    }

    private static func run(_ command: Command, _ arguments: [String]) -> Int32 {
        let parser = CommandLineParser(command: command, arguments: arguments)
        if command == .version {
            Terminal.print("\(title)")
            return 0
        }
        let service = PackagedService()
        let given = SettingValues.environment()
        let environment = service.environment(for: command, flags: parser.flags, over: given)
        let isMeant = service.isMeant(by: command, flags: parser.flags, environment: given)
        if command == .check {
            return CheckCommand.run(
                flags: parser.flags, environment: environment, of: isMeant ? service : nil)
        }
        do {
            // The key of a Label Studio is where the service is handed it.
            let credentials =
                isMeant && command == .upstream ? Credentials(source: service.credentialsDirectory) : nil
            let configuration = try Configuration(
                command: command, flags: parser.flags, environment: environment, credentials: credentials)
            for warning in configuration.warnings { Terminal.note("label-studio: \(warning)", .warning) }
            return try run(command, configuration, parser)
        } catch let faults as Configuration.Faults {
            for line in faults.lines { Terminal.note("label-studio: \(line)", .error) }
        } catch let failure as Service.Failure {
            Terminal.note("label-studio: \(failure.line)", .error)
        } catch {
            Terminal.note("label-studio: \(error)", .error)
        }
        return misuse
    }

    private static func run(
        _ command: Command, _ configuration: Configuration, _ parser: CommandLineParser
    ) throws -> Int32 {
        switch command {
        case .start:
            return try StartCommand.run(configuration)
        case .fastcgi:
            return try FastCGICommand.run(configuration) {
                try Configuration(
                    command: command, flags: parser.flags, environment: SettingValues.environment(),
                    reloading: configuration)
            }
        case .user:
            return try UserCommand.run(
                configuration, username: parser.flags[.username], password: parser.flags[.password],
                operands: parser.operands)
        case .sessions:
            return try SessionsCommand.run(configuration, operands: parser.operands)
        case .invite:
            return try InviteCommand.run(configuration, operands: parser.operands)
        case .resetPassword:
            return try ResetPasswordCommand.run(
                configuration, username: parser.flags[.username], password: parser.flags[.password])
        case .import:
            return try ImportCommand.run(configuration, operands: parser.operands)
        case .export:
            return try ExportCommand.run(configuration, operands: parser.operands)
        case .backup:
            return try BackupCommand.run(configuration, operands: parser.operands, flags: parser.flags)
        case .restore:
            return try RestoreCommand.run(configuration, operands: parser.operands)
        case .upstream:
            return try UpstreamCommand.run(configuration, operands: parser.operands)
        case .check, .version:
            return 0
        }
    }

    private static var usage: String {
        let commands = Command.allCases.map { command in
            let padding = String(repeating: " ", count: 16 - command.rawValue.utf8.count)
            return "  \(command.rawValue)\(padding)\(command.summary)"
        }
        return """
            Usage: label-studio [COMMAND] [OPTION...]

            \(commands.joined(separator: "\n"))

            Without a command: start. "label-studio COMMAND --help" lists its options.
            """
    }
}

internal import Glibc

/// The service that a package installs: administration commands of root act
/// upon its database without being told where it is.
struct PackagedService {
    var environmentFile = "/etc/label-studio/label-studio.env"
    /// Credentials of the service: label-studio.service names this directory.
    var credentialsDirectory = "/etc/label-studio/credentials"
    var isSuperuser = geteuid() == 0

    /// Whether a command is about this service: unless flags or variables say
    /// where else to look.
    func isMeant(by command: Command, flags: [Setting: String], environment: [String: String]) -> Bool {
        let variables = Variables(environment)
        let places: [Setting] = [.dataDirectory, .database, .configFile, .environmentFile]
        return isSuperuser && command.isAdministration
            && places.allSatisfy { flags[$0] == nil && variables.name(of: $0) == nil }
            && Files.exists(environmentFile)
    }

    /// The environment in which a command reads its settings: it names the file
    /// of the service, if that is meant.
    func environment(
        for command: Command, flags: [Setting: String], over environment: [String: String]
    ) -> [String: String] {
        guard isMeant(by: command, flags: flags, environment: environment) else { return environment }
        return environment.merging(["LABEL_STUDIO_ENV_FILE": environmentFile]) { $1 }
    }
}

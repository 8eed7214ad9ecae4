internal import Glibc

/// The service that a package installs: administration commands of root act
/// upon its database without being told where it is.
struct PackagedService {
    var environmentFile = "/etc/label-studio/label-studio.env"
    var isSuperuser = geteuid() == 0

    /// The environment in which a command reads its settings: it names the file
    /// of the service, unless flags or variables say where else to look.
    func environment(
        for command: Command, flags: [Setting: String], over environment: [String: String]
    ) -> [String: String] {
        let variables = Variables(environment)
        let places: [Setting] = [.dataDirectory, .database, .configFile, .environmentFile]
        guard isSuperuser, command.isAdministration,
            places.allSatisfy({ flags[$0] == nil && variables.name(of: $0) == nil }),
            Files.exists(environmentFile)
        else { return environment }
        return environment.merging(["LABEL_STUDIO_ENV_FILE": environmentFile]) { $1 }
    }
}

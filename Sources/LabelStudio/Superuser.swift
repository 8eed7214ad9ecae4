internal import Glibc
internal import Secrets

/// Root's rights, which an administration command gives up before it opens the
/// database: whatever it makes there, the service has to be able to write.
enum Superuser {
    /// Whose the database is, or will be.
    struct Owner {
        let user: uid_t
        let group: gid_t

        /// Whether a path leads through something of his: he can put a link there.
        func isOnTheWay(to path: String) -> Bool {
            var path = path
            while path != "/", path != "." {
                if Files.linkStatus(path)?.st_uid == user { return true }
                path = Files.directory(of: path)
            }
            return false
        }
    }

    /// Who root has to become; nil if this is not root, or the database is his.
    static func otherOwner(of configuration: Configuration) -> Owner? {
        guard geteuid() == 0 else { return nil }
        // Where there is none yet, the directory says for whom it is; and whoever
        // owns that can put a link to a file of root's there.
        let directory = Files.nearestStatus(Files.directory(of: configuration.database))
        let file = Files.linkStatus(configuration.database) ?? directory
        return [file, directory].first { $0.st_uid != 0 }.map { Owner(user: $0.st_uid, group: $0.st_gid) }
    }

    /// Becomes the owner of the database, for good, if we are root.
    ///
    /// - Returns: the configuration, with the key if only root can read its file.
    /// - Throws: `Service.Failure`.
    static func giveUp(for configuration: Configuration) throws -> Configuration {
        guard let owner = otherOwner(of: configuration) else { return configuration }
        var configuration = configuration
        if Files.owner(of: configuration.keyFile) == 0 {
            configuration.key = try KeyFile.read(configuration.keyFile)
        }
        try become(owner)
        return configuration
    }

    /// `setgroups`, `setgid`, `setuid`: the real, the effective and the saved ones.
    private static func become(_ owner: Owner) throws {
        let isChanged: Bool
        if let entry = unsafe getpwuid(owner.user) {
            let group = unsafe entry.pointee.pw_gid
            isChanged =
                unsafe initgroups(entry.pointee.pw_name, group) == 0 && setgid(group) == 0
                && setuid(owner.user) == 0
        } else {
            isChanged = setgroups(0, nil) == 0 && setgid(owner.group) == 0 && setuid(owner.user) == 0
        }
        // There must be no way back.
        guard isChanged, setuid(0) != 0, seteuid(0) != 0, getuid() == owner.user, geteuid() == owner.user
        else {
            throw Service.Failure(
                line: "root cannot become user \(owner.user), whom the database belongs to: "
                    + "run this as that user")
        }
    }
}

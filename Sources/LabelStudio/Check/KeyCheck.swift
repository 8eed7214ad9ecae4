internal import Glibc

/// The key file: its rights and its length.
enum KeyCheck {
    static func findings(_ configuration: Configuration) -> [Finding] {
        let path = configuration.keyFile
        guard !Files.isAbsent(path) else {
            return [
                Files.exists(configuration.database)
                    ? .fault(
                        "the key file \(path) is missing, but the database was made with one; put it back")
                    : .warning("there is no key file \(path) yet: the first start makes one")
            ]
        }
        guard Files.exists(path) else {
            return [.warning("\(Files.Failure(path)): run this as root to look at the key file")]
        }
        var findings: [Finding] = []
        let status = Files.nearestStatus(path)
        let owner = Files.nearestStatus(configuration.database).st_uid
        if status.st_mode & 0o077 != 0 {
            findings.append(.fault("others than its owner can use the key file: chmod 600 \(path)"))
        }
        if ![0, owner].contains(status.st_uid) {
            findings.append(
                .fault("\(path) belongs to user \(status.st_uid): chown it to user \(owner), or to root"))
        }
        do {
            _ = try KeyFile.read(path)
        } catch {
            findings.append(.fault(Service.explain(error, database: "", keyFile: path).line))
        }
        return findings.isEmpty ? [.ok("the key file \(path) is for its owner only")] : findings
    }
}

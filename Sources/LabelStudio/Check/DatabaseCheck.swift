internal import Accounts
internal import Database
internal import Glibc
internal import SQLite
internal import Secrets

/// The database: its rights, its content and its key. It is only read.
enum DatabaseCheck {
    static func findings(_ configuration: Configuration) -> [Finding] {
        let path = configuration.database
        do {
            guard try !SQLiteDatabase.isAbsent(path: path, applicationID: Service.applicationID) else {
                return [.fault("there is no database \(path): start the server, or name it with --database")]
            }
            let files = rights(path)
            // Without its key there is no telling whether it fits.
            guard let key = configuration.key ?? (try? KeyFile.read(configuration.keyFile)) else {
                return files
            }
            return try files + content(configuration, key)
        } catch {
            return [.fault(Service.explain(error, database: path, keyFile: configuration.keyFile).line)]
        }
    }

    private static func rights(_ path: String) -> [Finding] {
        var findings: [Finding] = []
        let owner = Files.nearestStatus(path).st_uid
        for file in ["", "-wal", "-shm"].map({ path + $0 }) where Files.exists(file) {
            let status = Files.nearestStatus(file)
            if status.st_mode & 0o077 != 0 {
                findings.append(.fault("others than its owner can use \(file): chmod 600 \(file)"))
            }
            if status.st_uid != owner {
                findings.append(
                    .fault(
                        "\(file) belongs to user \(status.st_uid), and the database to \(owner): chown \(owner) \(file)"
                    ))
            } else if unsafe access(file, R_OK | W_OK) != 0 {
                findings.append(
                    .fault(
                        "\(Files.Failure(file)): user \(geteuid()) cannot write to it; run this as user \(owner)"
                    ))
            }
        }
        return findings.isEmpty ? [.ok("the database \(path) is for its owner only")] : findings
    }

    private static func content(_ configuration: Configuration, _ key: MasterKey) throws -> [Finding] {
        let path = configuration.database
        do {
            return try ForeignDatabase.read(path: path) { connection in
                let problems = try ForeignDatabase.problems(connection)
                let examination = try Accounts.examine(connection, key: key)
                return damage(problems, path) + start(examination, configuration)
                    + people(examination, configuration)
            }
        } catch let fault as ForeignDatabase.Fault {
            return [.fault("the database cannot be read: \(fault)")]
        }
    }

    private static func damage(_ problems: [String], _ path: String) -> [Finding] {
        if problems.isEmpty { return [.ok("the database is whole")] }
        return problems.map { .fault("the database is damaged (\($0)): restore a backup of \(path)") }
    }

    /// Whether a start would refuse it.
    private static func start(_ examination: Examination, _ configuration: Configuration) -> [Finding] {
        if let refusal = examination.refusal {
            let reason = Service.explain(
                refusal, database: configuration.database, keyFile: configuration.keyFile)
            return [.fault(reason.line)]
        }
        let (found, newest) = (examination.schema, examination.newestSchema)
        return [
            .ok("the key is the one that the database was made with"),
            found == newest
                ? .ok("its schema is that of this version")
                : .warning("its schema is \(found), and becomes \(newest) at the next start; a copy is kept"),
        ]
    }

    private static func people(_ examination: Examination, _ configuration: Configuration) -> [Finding] {
        guard examination.members == 0 else { return [] }
        return [
            configuration.isSignUpOpen
                ? .warning("nobody has an account yet: the first who signs up owns the site")
                : .warning("nobody has an account yet: label-studio user add EMAIL makes the first one")
        ]
    }
}

internal import Glibc
internal import Templates
internal import Web

/// Directories and files beside the database: who may use them, and how much
/// room there is.
enum PlacesCheck {
    static func findings(_ configuration: Configuration) -> [Finding] {
        dataDirectory(configuration.dataDirectory) + templates(configuration)
            + nginxFiles(configuration.resources.nginx)
    }

    private static func dataDirectory(_ path: String) -> [Finding] {
        guard Files.exists(path) else {
            return [
                .fault("there is no data directory \(path): start the server, or name it with --data-dir")
            ]
        }
        var findings: [Finding] = []
        let status = Files.nearestStatus(path)
        if status.st_mode & 0o022 != 0 {
            findings.append(.fault("others than its owner can write into \(path): chmod go-w \(path)"))
        }
        do {
            try Files.checkWritable(path)
        } catch {
            findings.append(
                .fault("user \(geteuid()) cannot write into \(path): chown it, or run this as its owner"))
        }
        if findings.isEmpty { findings.append(.ok("the data directory \(path) is its owner's")) }
        findings.append(room(in: path))
        return findings
    }

    /// Below 8 MB the write-ahead log may not fit; 100 MB are soon gone.
    private static func room(in path: String) -> Finding {
        var file = statvfs()
        guard unsafe statvfs(path, &file) == 0 else { return .fault("\(Files.Failure(path))") }
        let megabytes = UInt64(file.f_bavail) * UInt64(file.f_frsize) / 1_048_576
        let text = "\(megabytes) MB are free in \(path)"
        return switch megabytes {
        case ..<8: .fault(text + ": make room, or nobody can log in")
        case ..<100: .warning(text + ": make room")
        default: .ok(text)
        }
    }

    private static func templates(_ configuration: Configuration) -> [Finding] {
        let path = configuration.resources.templates
        do {
            _ = try PageTemplates(path: path, address: configuration.publicAddress, assetsVersion: "")
            _ = try Messages(path: path + "/messages.txt", names: Sentence.names)
            _ = try APIDescription(parsing: Files.read(path + "/openapi.json"))
            return [.ok("the templates in \(path) are complete")]
        } catch {
            return [.fault("the templates cannot be used: \(error); install this program again")]
        }
    }

    /// nginx may be another user: what it serves, everybody has to be able to read.
    private static func nginxFiles(_ path: String) -> [Finding] {
        do {
            let configurations = try Files.names(in: path).filter { $0.hasSuffix(".conf") }.map {
                "\(path)/\($0)"
            }
            let served = try Files.names(in: path + "/static").map { "\(path)/static/\($0)" }
            let unreadable = (configurations + served).filter { Files.nearestStatus($0).st_mode & 0o004 == 0 }
            return unreadable.isEmpty
                ? [.ok("the files for nginx in \(path) can be read")]
                : unreadable.map { .fault("nginx cannot read \($0): chmod o+r \($0)") }
        } catch {
            return [.fault("the files for nginx cannot be read: \(error)")]
        }
    }
}

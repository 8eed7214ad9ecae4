internal import Foundation
public import PostgreSQL

/// A PostgreSQL server of its own: in a temporary directory, on a unix socket
/// only, without anybody's settings. It ends with the last reference to it.
///
/// `tester` may do everything without a password; `guarded`, if a test makes
/// that role, has to give one.
public final class PostgreSQLServer: Sendable {
    public let directory: String
    private let server: Process

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public init() throws {
        let versions = "/usr/lib/postgresql"
        let newest = try? FileManager.default.contentsOfDirectory(atPath: versions).max {
            (Int($0) ?? 0) < (Int($1) ?? 0)
        }
        guard let newest else {
            throw Failure(description: "PostgreSQL is missing: apt-get install postgresql")
        }
        let programs = "\(versions)/\(newest)/bin"
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        let data = directory + "/data"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // PostgreSQL refuses to run as root.
        if getuid() == 0 { try Self.start("/usr/bin/chown", ["postgres", directory]).finish() }
        try Self.startUnprivileged(
            programs + "/initdb",
            ["-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        ).finish()
        try "local all guarded scram-sha-256\nlocal all all trust\n".write(
            toFile: data + "/pg_hba.conf", atomically: false, encoding: .utf8)
        server = try Self.startUnprivileged(
            programs + "/postgres",
            ["-D", data, "-k", directory, "-c", "listen_addresses=", "-c", "fsync=off"])
        // The server tells nobody when it is ready; one asks.
        while true {
            do {
                _ = try open()
                return
            } catch  where server.isRunning {
                usleep(10_000)
            }
        }
    }

    deinit {
        // SIGINT: a fast shutdown.
        server.interrupt()
        server.waitUntilExit()
        try? FileManager.default.removeItem(atPath: directory)
    }

    public func address(
        user: String = "tester", password: String? = nil, database: String = "postgres"
    ) -> String {
        "postgresql://\(user)\(password.map { ":" + $0 } ?? "")@/\(database)?host=\(directory)"
    }

    /// A connection to it.
    public func open(
        user: String = "tester", password: String? = nil, database: String = "postgres"
    ) throws -> PostgreSQLDatabase {
        let text = address(user: user, password: password, database: database)
        guard let address = PostgreSQLAddress(parsing: text) else {
            throw Failure(description: "\(text) is no address")
        }
        return try PostgreSQLDatabase(address)
    }

    private static func startUnprivileged(_ program: String, _ arguments: [String]) throws -> Process {
        guard getuid() == 0 else { return try start(program, arguments) }
        return try start(
            "/usr/bin/setpriv",
            ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--reset-env", program] + arguments)
    }

    private static func start(_ program: String, _ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = FileManager.default.temporaryDirectory
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }
}

extension Process {
    /// Waits for the end, which must be a good one.
    fileprivate func finish() throws {
        waitUntilExit()
        guard terminationStatus == 0 else {
            throw PostgreSQLServer.Failure(
                description: "\(executableURL?.path ?? "") \(arguments ?? []) ended with \(terminationStatus)"
            )
        }
    }
}

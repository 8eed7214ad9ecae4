import CPostgreSQL
import Foundation

/// A PostgreSQL server of its own: in a temporary directory, on a unix socket
/// only, without anybody's settings. It ends with the test.
@safe
final class PostgreSQLServer {
    private let directory: TemporaryDirectory
    private let server: Process
    private let connection: OpaquePointer

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init() throws {
        directory = try TemporaryDirectory()
        let versions = "/usr/lib/postgresql"
        let newest = try? FileManager.default.contentsOfDirectory(atPath: versions).max {
            (Int($0) ?? 0) < (Int($1) ?? 0)
        }
        guard let newest else {
            throw Failure(description: "PostgreSQL is missing: apt-get install postgresql")
        }
        let programs = "\(versions)/\(newest)/bin"
        let data = directory.path + "/data"
        // PostgreSQL refuses to run as root.
        if getuid() == 0 { try Self.start("/usr/bin/chown", ["postgres", directory.path]).finish() }
        try Self.startUnprivileged(
            programs + "/initdb",
            ["-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        ).finish()
        server = try Self.startUnprivileged(
            programs + "/postgres",
            ["-D", data, "-k", directory.path, "-c", "listen_addresses=", "-c", "fsync=off"])
        let address = "host=\(directory.path) user=tester dbname=postgres"
        // The server tells nobody when it is ready; one asks.
        while server.isRunning, unsafe PQping(address) != PQPING_OK { usleep(10_000) }
        unsafe connection = PQconnectdb(address)
        guard unsafe PQstatus(connection) == CONNECTION_OK else {
            throw Failure(description: unsafe String(cString: PQerrorMessage(connection)))
        }
    }

    deinit {
        unsafe PQfinish(connection)
        // SIGINT: a fast shutdown.
        server.interrupt()
        server.waitUntilExit()
    }

    /// Nil, or what is wrong with the script.
    func run(_ script: String) -> String? {
        unsafe problem(of: PQexec(connection, script))
    }

    /// Nil, or why the server cannot prepare the query.
    func prepare(_ query: String) -> String? {
        unsafe problem(of: PQprepare(connection, "", query, 0, nil))
    }

    /// The columns of each table, sorted.
    func columns() throws -> [String: [String]] {
        let result = unsafe PQexec(
            connection,
            """
            SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = 'public' ORDER BY table_name, column_name
            """)
        defer { unsafe PQclear(result) }
        var columns: [String: [String]] = [:]
        let count = unsafe PQntuples(result)
        for row in 0..<count {
            let table = unsafe String(cString: PQgetvalue(result, row, 0))
            columns[table, default: []].append(unsafe String(cString: PQgetvalue(result, row, 1)))
        }
        return columns
    }

    private func problem(of result: OpaquePointer?) -> String? {
        defer { unsafe PQclear(result) }
        let status = unsafe PQresultStatus(result)
        guard status != PGRES_COMMAND_OK, status != PGRES_TUPLES_OK else { return nil }
        return unsafe String(cString: PQerrorMessage(connection))
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

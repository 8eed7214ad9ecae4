internal import Database
internal import Secrets

/// One step of the schema. Steps are appended, never edited: the database
/// remembers a digest of each.
struct Migration {
    let number: Int64
    let sqlite: [UInt8]
    let postgreSQL: [UInt8]

    static let all = [
        Migration(
            number: 1, sqlite: PackageResources.schema_001_sqlite_sql,
            postgreSQL: PackageResources.schema_001_postgresql_sql),
        Migration(
            number: 2, sqlite: PackageResources.schema_002_sqlite_sql,
            postgreSQL: PackageResources.schema_002_postgresql_sql),
        Migration(
            number: 3, sqlite: PackageResources.schema_003_sqlite_sql,
            postgreSQL: PackageResources.schema_003_postgresql_sql),
        Migration(
            number: 4, sqlite: PackageResources.schema_004_sqlite_sql,
            postgreSQL: PackageResources.schema_004_postgresql_sql),
        Migration(
            number: 5, sqlite: PackageResources.schema_005_sqlite_sql,
            postgreSQL: PackageResources.schema_005_postgresql_sql),
        Migration(
            number: 6, sqlite: PackageResources.schema_006_sqlite_sql,
            postgreSQL: PackageResources.schema_006_postgresql_sql),
        Migration(
            number: 7, sqlite: PackageResources.schema_007_sqlite_sql,
            postgreSQL: PackageResources.schema_007_postgresql_sql),
        Migration(
            number: 8, sqlite: PackageResources.schema_008_sqlite_sql,
            postgreSQL: PackageResources.schema_008_postgresql_sql),
        Migration(
            number: 9, sqlite: PackageResources.schema_009_sqlite_sql,
            postgreSQL: PackageResources.schema_009_postgresql_sql),
        Migration(
            number: 10, sqlite: PackageResources.schema_010_sqlite_sql,
            postgreSQL: PackageResources.schema_010_postgresql_sql),
    ]

    func script(for dialect: Dialect) -> [UInt8] {
        switch dialect {
        case .sqlite: sqlite
        case .postgreSQL: postgreSQL
        }
    }
}

/// The database was written by a newer version of the program.
public struct SchemaTooNew: Error {
    public let found: Int64
    public let known: Int64
}

/// A step that the database remembers is not the step that the program knows.
public struct SchemaAltered: Error {
    public let number: Int64
}

/// A database of ours that is about to get newer tables.
public struct SchemaChange: Sendable {
    public let from: Int64
    public let to: Int64
}

/// Applies what is missing, in one transaction. If nothing is, nothing is
/// written: another program may hold the database for long.
///
/// - Parameter prepare: is called in it, before an existing schema is changed;
///   meanwhile nobody else can change anything. If it throws, nothing is changed.
func migrate(
    _ database: any Database, at instant: Timestamp, prepare: (SchemaChange) throws -> Void
) throws {
    if try isMigrated(database) { return }
    try database.write { connection in
        try connection.rows(
            """
            CREATE TABLE IF NOT EXISTS schema_migration
            (number BIGINT NOT NULL PRIMARY KEY, digest TEXT NOT NULL, applied_at BIGINT NOT NULL)
            """)
        let applied = try AppliedSteps(connection)
        if let refusal = applied.refusal { throw refusal }
        if let newest = applied.newest, newest < AppliedSteps.newestKnown {
            try prepare(SchemaChange(from: newest, to: AppliedSteps.newestKnown))
        }
        for step in Migration.all where applied.lacks(step) {
            try connection.runScript(String(decoding: step.script(for: database.dialect), as: UTF8.self))
            try connection.rows(
                """
                INSERT INTO schema_migration (number, digest, applied_at)
                VALUES (\(step.number), \(step.digest(for: database.dialect)), \(instant))
                """)
        }
    }
}

private func isMigrated(_ database: any Database) throws -> Bool {
    do {
        let applied = try database.read { try AppliedSteps($0) }
        return applied.refusal == nil && !Migration.all.contains(where: applied.lacks)
    } catch is DatabaseError {
        // A new one has no such table. Whatever else is wrong, the transaction says.
        return false
    }
}

/// The steps that a database says it has gone through.
struct AppliedSteps {
    private let steps: [(number: Int64, digest: String)]
    private let dialect: Dialect

    static let newestKnown = Migration.all.last?.number ?? 0

    init(_ connection: any Connection) throws(DatabaseError) {
        dialect = connection.dialect
        var steps: [(number: Int64, digest: String)] = []
        for row in try connection.rows("SELECT number, digest FROM schema_migration ORDER BY number") {
            steps.append((try row.integer(0), try row.text(1)))
        }
        self.steps = steps
    }

    /// Nil before the first one.
    var newest: Int64? { steps.last?.number }

    /// Why this program must not use the database: `SchemaTooNew` or `SchemaAltered`.
    var refusal: (any Error)? {
        if let newest, newest > Self.newestKnown {
            return SchemaTooNew(found: newest, known: Self.newestKnown)
        }
        let altered = steps.first { applied in
            Migration.all.first { $0.number == applied.number }?.digest(for: dialect) != applied.digest
        }
        return altered.map { SchemaAltered(number: $0.number) }
    }

    func lacks(_ step: Migration) -> Bool {
        !steps.contains { $0.number == step.number }
    }
}

extension Migration {
    func digest(for dialect: Dialect) -> String {
        Encoding.hexadecimal(Secrets.digest(script(for: dialect)))
    }
}

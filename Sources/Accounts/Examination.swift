public import Database
public import Secrets

/// What can be told of a database of ours by reading it.
public struct Examination: Sendable {
    /// The steps that its schema has taken, and those that are known.
    public let schema: Int64
    public let newestSchema: Int64
    /// For what a start would refuse it: `SchemaTooNew`, `SchemaAltered` or `WrongKey`.
    public let refusal: (any Error)?
    /// How many people have access; nil: the schema is another one.
    public let members: Int64?
}

extension Accounts {
    /// Reads what a start would look at first. Nothing is changed.
    public static func examine(
        _ connection: any Connection, key: MasterKey
    ) throws(DatabaseError) -> Examination {
        let applied = try AppliedSteps(connection)
        let schema = applied.newest ?? 0
        let known = AppliedSteps.newestKnown
        var refusal = applied.refusal
        let stored = try connection.row("SELECT key_check FROM installation")?.bytes(0)
        if let stored, !equalInConstantTime(stored, keyCheck(of: key)) { refusal = refusal ?? WrongKey() }
        // An older schema may lack a column.
        let members =
            schema == known
            ? try connection.row(
                "SELECT count(*) FROM member WHERE removed_at IS NULL AND deactivated_at IS NULL")?.integer(0)
            : nil
        return Examination(
            schema: schema, newestSchema: known, refusal: refusal,
            members: members)
    }
}

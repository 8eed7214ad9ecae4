public import Database

extension ForeignDatabase {
    /// What SQLite finds wrong in a database, at most 20 lines: `PRAGMA quick_check`
    /// and `PRAGMA foreign_key_check`.
    public static func problems(_ connection: any Connection) throws(DatabaseError) -> [String] {
        var problems: [String] = []
        for row in try connection.rows("PRAGMA quick_check(10)") {
            let line = try row.text(0)
            if line != "ok" { problems.append(line) }
        }
        for row in try connection.rows("PRAGMA foreign_key_check").prefix(10) {
            problems.append(
                "a row of \(try row.text(0)) refers to one of \(try row.text(2)) that is not there")
        }
        return problems
    }
}

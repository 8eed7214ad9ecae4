internal import Database

extension Connection {
    /// Keeps what lists know a person by. To be called by whatever changes his names or
    /// his address.
    func foldName(of user: User.ID) throws(DatabaseError) {
        let person = try row("SELECT first_name, last_name, email FROM user_account WHERE id = \(user)")
        guard let person else { return }
        let name = User.displayName(
            firstName: try person.text(0), lastName: try person.text(1), email: try person.text(2))
        try rows("UPDATE user_account SET folded_name = \(FoldedText(besides: name)) WHERE id = \(user)")
    }
}

extension Accounts {
    /// Makes up for what an older version did not write. If nothing is missing, nothing
    /// is written.
    func foldMissingNames() throws {
        let isMissing = try database.read { connection in
            try connection.row("SELECT id FROM user_account WHERE folded_name = '' LIMIT 1") != nil
                || connection.row("SELECT id FROM project WHERE folded_title = '' LIMIT 1") != nil
        }
        guard isMissing else { return }
        try database.write { connection in
            for row in try connection.rows("SELECT id FROM user_account WHERE folded_name = ''") {
                try connection.foldName(of: User.ID(row.integer(0)))
            }
            for row in try connection.rows("SELECT id, title FROM project WHERE folded_title = ''") {
                let title = FoldedText(besides: try row.text(1))
                try connection.rows(
                    "UPDATE project SET folded_title = \(title) WHERE id = \(try row.integer(0))")
            }
        }
    }
}

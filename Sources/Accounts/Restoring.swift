internal import Database

extension Accounts {
    /// Notes that this database has come back from a backup. Sessions, links to
    /// set a password and the invite link of then may have been ended since, for
    /// a reason: unless they are to be kept, they end now.
    public func noteRestore(keepingSessionsAndLink isKeeping: Bool, from client: Client) throws {
        try act(from: client) { act in
            try act.record(.restored, by: nil, detail: isKeeping ? "sessions and link kept" : "")
            guard !isKeeping else { return }
            try act.connection.rows("DELETE FROM session")
            try act.connection.rows("DELETE FROM set_password_link")
            try act.connection.rows("UPDATE installation SET setup_token_hash = NULL WHERE id = 1")
            if let organization = try act.connection.organization() {
                try replaceInvitation(to: organization.id, by: nil, in: &act)
            }
        }
    }

    /// When something last happened that the audit tells of; nil: never.
    public func lastEventAt() throws -> Timestamp? {
        try database.read { connection in
            try connection.row("SELECT max(at) FROM audit_event")?.optionalInteger(0)
                .map(Timestamp.init(microseconds:))
        }
    }
}

internal import Database
internal import Secrets

/// A personal access token that was made by another installation and goes on
/// working here. The key it is signed with says nothing about any other token:
/// whoever runs that installation has it.
public struct ImportedRefreshToken: Sendable {
    /// Its `jti`.
    public let id: String
    public let userID: User.ID
    /// Its first two parts, without the signature, as a list shows it.
    public let text: String
    public let createdAt: Timestamp
    public let expiresAt: Timestamp
    /// For HS256.
    public let key: [UInt8]
}

extension Accounts {
    /// Nil if no such token was imported, or if it has expired or was revoked;
    /// or if its user may not act.
    public func importedRefreshToken(id: String) throws -> ImportedRefreshToken? {
        try database.read { connection in
            try connection.row(
                """
                SELECT t.jti, t.user_id, t.token, t.created_at, t.expires_at, t.key_box
                FROM imported_refresh_token t
                JOIN member m ON m.user_id = t.user_id AND m.removed_at IS NULL AND m.deactivated_at IS NULL
                WHERE t.jti = \(id) AND t.expires_at > \(now())
                """
            ).map { try importedRefreshToken($0) }
        }
    }

    /// Those of a user that have not expired, the oldest first.
    public func importedRefreshTokens(of user: User.ID) throws -> [ImportedRefreshToken] {
        try database.read { connection in
            try connection.rows(
                """
                SELECT jti, user_id, token, created_at, expires_at, key_box FROM imported_refresh_token
                WHERE user_id = \(user) AND expires_at > \(now()) ORDER BY created_at, jti
                """
            ).map { try importedRefreshToken($0) }
        }
    }

    private func importedRefreshToken(_ row: Row) throws -> ImportedRefreshToken {
        let id = try row.text(0)
        let user = User.ID(try row.integer(1))
        guard let key = keys.importBox.open(try row.bytes(5), context: context(id, user)) else {
            throw DatabaseError(
                .corrupt, "the key of an imported token of user \(user.number) cannot be decrypted")
        }
        return ImportedRefreshToken(
            id: id, userID: user, text: try row.text(2),
            createdAt: Timestamp(microseconds: try row.integer(3)),
            expiresAt: Timestamp(microseconds: try row.integer(4)), key: key)
    }

    func store(_ token: ImportedRefreshToken, _ connection: any Connection) throws {
        let box = keys.importBox.seal(
            token.key, context: context(token.id, token.userID), randomness: randomness)
        try connection.rows(
            """
            INSERT INTO imported_refresh_token (jti, user_id, token, key_box, created_at, expires_at)
            VALUES (\(token.id), \(token.userID), \(token.text), \(box), \(token.createdAt), \(token.expiresAt))
            ON CONFLICT (jti) DO NOTHING
            """)
    }

    /// Ends one token, as a part of an act.
    ///
    /// - Returns: false if there is no such token (any more).
    func removeRefreshToken(id: String, _ connection: any Connection) throws -> Bool {
        try connection.row("DELETE FROM imported_refresh_token WHERE jti = \(id) RETURNING jti") != nil
    }

    func removeRefreshTokens(of user: User.ID, _ connection: any Connection) throws {
        try connection.rows("DELETE FROM imported_refresh_token WHERE user_id = \(user)")
    }

    func removeExpiredRefreshTokens(_ connection: any Connection) throws {
        try connection.rows("DELETE FROM imported_refresh_token WHERE expires_at <= \(now())")
    }

    /// Ties a key to the token that it may verify, and the token to its user.
    private func context(_ id: String, _ user: User.ID) -> [UInt8] {
        Array("refresh token \(id) of \(user.number)".utf8)
    }
}

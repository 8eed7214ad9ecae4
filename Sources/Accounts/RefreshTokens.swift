internal import Database
internal import Secrets

/// A personal access token: it gets short-lived access tokens, which calls of
/// the API are made with. The database holds nothing that it could be made from
/// without the key file.
public struct RefreshToken: Sendable {
    /// Its `jti`: 32 hexadecimal digits.
    public let id: String
    public let userID: User.ID
    public let createdAt: Timestamp
    public let expiresAt: Timestamp
    /// Whether it was given back, or another one has taken its place.
    public let isEnded: Bool
    /// Nil if it was made here.
    public let origin: Origin?

    /// Where a token comes from that was made by another installation. The key
    /// it is signed with says nothing about any other token: whoever runs that
    /// installation has it.
    public struct Origin: Sendable {
        /// Its first two parts, without the signature.
        public let text: String
        /// For HS256.
        public let key: [UInt8]
    }

    /// Whether a text can be the id of one. Those that were made elsewhere look
    /// alike.
    public static func isID(_ text: String) -> Bool {
        text.utf8.count == 32 && Encoding.decodeHexadecimal(text) != nil
    }

    /// How long one works, in seconds: 73,000 days, as clients know it.
    public static let lifetime: Int64 = 73_000 * 86_400
}

extension Accounts {
    /// He has one already; it has to be given back first.
    public struct RefreshTokenExists: Error {}

    /// The token is none, or none of his, or was given back or replaced.
    public struct RefreshTokenRefused: Error {
        public init() {}
    }

    /// Makes one. Nobody has two that were made here and are valid; several may
    /// have been imported.
    ///
    /// - Throws: `RefreshTokenExists`, `AccessEnded` or `DatabaseError`.
    public func createRefreshToken(of requester: Requester, from client: Client) throws -> RefreshToken {
        let user = requester.member.user.id
        return try act(by: .requester(requester), from: client) { act in
            guard try usableRefreshTokens(of: user, act.connection).isEmpty else {
                throw RefreshTokenExists()
            }
            let token = try insertRefreshToken(of: user, in: act)
            try act.record(.accessTokenMade, by: user)
            return token
        }
    }

    /// Those of a user that can be used, the oldest first.
    public func refreshTokens(of user: User.ID) throws -> [RefreshToken] {
        try database.read { try usableRefreshTokens(of: user, $0) }
    }

    /// Nil if there is no such token, if it has expired, or if its user may not
    /// act. One that was ended is found.
    public func refreshToken(id: String) throws -> RefreshToken? {
        try database.read { connection in
            try connection.row(
                """
                SELECT t.jti, t.user_id, t.created_at, t.expires_at, t.rotated_at, t.revoked_at, t.token, t.key_box
                FROM refresh_token t
                JOIN member m ON m.user_id = t.user_id AND m.removed_at IS NULL AND m.deactivated_at IS NULL
                WHERE t.jti = \(id) AND t.expires_at > \(now())
                """
            ).map { try refreshToken($0) }
        }
    }

    /// Puts a new token in the place of one of one's own. Access tokens that
    /// were made by the old one work until they expire.
    ///
    /// - Throws: `RefreshTokenRefused`, `AccessEnded` or `DatabaseError`.
    public func rotateRefreshToken(
        _ id: String, of requester: Requester, from client: Client
    ) throws -> RefreshToken {
        let user = requester.member.user.id
        return try act(by: .requester(requester), from: client) { act in
            let ended = try act.connection.row(
                """
                UPDATE refresh_token SET rotated_at = \(act.instant)
                WHERE jti = \(id) AND user_id = \(user) AND expires_at > \(act.instant)
                AND rotated_at IS NULL AND revoked_at IS NULL
                RETURNING jti
                """)
            guard ended != nil else { throw RefreshTokenRefused() }
            let token = try insertRefreshToken(of: user, in: act)
            try act.record(.accessTokenRotated, by: user)
            return token
        }
    }

    /// Ends a token, with the access tokens that were made by it. Whoever holds
    /// it may do that, or the user whose it is.
    ///
    /// - Throws: `RefreshTokenRefused` or `DatabaseError`.
    public func revokeRefreshToken(_ id: String, of user: User.ID, from client: Client) throws {
        try act(from: client) { act in
            let ended = try act.connection.row(
                """
                UPDATE refresh_token SET revoked_at = \(act.instant)
                WHERE jti = \(id) AND user_id = \(user) AND expires_at > \(act.instant)
                AND rotated_at IS NULL AND revoked_at IS NULL
                RETURNING jti
                """)
            guard ended != nil else { throw RefreshTokenRefused() }
            try act.record(.accessTokenRevoked, by: user)
        }
    }

    /// Who calls with an access token that was made by this refresh token: nil
    /// if that was revoked, if its user may not act, or if the organization does
    /// not accept such tokens.
    public func requester(accessTokenBy id: String) throws -> Requester? {
        try database.read { connection in
            try connection.row(
                """
                SELECT u.id, u.email, u.username, u.first_name, u.last_name, u.phone, u.allow_newsletters,
                       u.password_provisioned_at, u.created_at, u.last_active_at, u.photo, m.role, m.joined_at,
                       m.deactivated_at,
                       o.id, o.title, o.invite_nonce, o.max_session_age_minutes, o.max_idle_minutes
                FROM refresh_token t
                JOIN user_account u ON u.id = t.user_id
                JOIN member m ON m.user_id = u.id AND m.removed_at IS NULL AND m.deactivated_at IS NULL
                JOIN organization o ON o.id = m.organization_id AND o.api_tokens_enabled = 1
                WHERE t.jti = \(id) AND t.revoked_at IS NULL
                """
            ).map { Requester(member: try Member(row: $0), proof: .accessToken(refreshToken: id)) }
        }
    }

    /// Notes a token that was made elsewhere.
    func store(
        imported id: String, of user: User.ID, origin: RefreshToken.Origin, createdAt: Timestamp,
        expiresAt: Timestamp, _ connection: any Connection
    ) throws {
        let box = keys.importBox.seal(origin.key, context: context(id, user), randomness: randomness)
        try connection.rows(
            """
            INSERT INTO refresh_token (jti, user_id, token, key_box, created_at, expires_at)
            VALUES (\(id), \(user), \(origin.text), \(box), \(createdAt), \(expiresAt))
            ON CONFLICT (jti) DO NOTHING
            """)
    }

    /// With them end the access tokens that were made by them.
    func removeRefreshTokens(of user: User.ID, _ connection: any Connection) throws {
        try connection.rows("DELETE FROM refresh_token WHERE user_id = \(user)")
    }

    func removeExpiredRefreshTokens(_ connection: any Connection) throws {
        try connection.rows("DELETE FROM refresh_token WHERE expires_at <= \(now())")
    }

    private func usableRefreshTokens(
        of user: User.ID, _ connection: any Connection
    ) throws -> [RefreshToken] {
        try connection.rows(
            """
            SELECT jti, user_id, created_at, expires_at, rotated_at, revoked_at, token, key_box FROM refresh_token
            WHERE user_id = \(user) AND expires_at > \(now()) AND rotated_at IS NULL AND revoked_at IS NULL
            ORDER BY created_at, jti
            """
        ).map { try refreshToken($0) }
    }

    /// The schema lets nobody have two: of two that are made at once, one is refused.
    private func insertRefreshToken(of user: User.ID, in act: Act) throws -> RefreshToken {
        // The token holds whole seconds.
        let createdAt = Timestamp(microseconds: act.instant.microseconds / 1_000_000 * 1_000_000)
        let token = RefreshToken(
            id: Encoding.hexadecimal(randomness.bytes(16)), userID: user, createdAt: createdAt,
            expiresAt: createdAt + RefreshToken.lifetime, isEnded: false, origin: nil)
        do throws(DatabaseError) {
            try act.connection.rows(
                """
                INSERT INTO refresh_token (jti, user_id, created_at, expires_at)
                VALUES (\(token.id), \(user), \(token.createdAt), \(token.expiresAt))
                """)
        } catch {
            if error.reason == .constraint { throw RefreshTokenExists() }
            throw error
        }
        return token
    }

    private func refreshToken(_ row: Row) throws -> RefreshToken {
        let id = try row.text(0)
        let user = User.ID(try row.integer(1))
        var origin: RefreshToken.Origin?
        if let text = try row.optionalText(6) {
            guard let key = keys.importBox.open(try row.bytes(7), context: context(id, user)) else {
                throw DatabaseError(
                    .corrupt, "the key of an imported token of user \(user.number) cannot be decrypted")
            }
            origin = RefreshToken.Origin(text: text, key: key)
        }
        let rotatedAt = try row.optionalInteger(4)
        let revokedAt = try row.optionalInteger(5)
        return RefreshToken(
            id: id, userID: user, createdAt: Timestamp(microseconds: try row.integer(2)),
            expiresAt: Timestamp(microseconds: try row.integer(3)),
            isEnded: rotatedAt != nil || revokedAt != nil, origin: origin)
    }

    /// Ties a key to the token that it may verify, and the token to its user.
    private func context(_ id: String, _ user: User.ID) -> [UInt8] {
        Array("refresh token \(id) of \(user.number)".utf8)
    }
}

internal import Database
internal import Secrets

/// A key for the API. It is shown again and again, and may be short, so the
/// database holds it encrypted, and a keyed hash to find it by.
public struct APIToken: Sendable {
    /// Characters, as the product we follow documents them (5) and keeps them.
    public static let lengths = 5...60

    public let text: String

    public enum Problem: Error, Sendable {
        case tooShort, tooLong
        /// White space, or anything but visible ASCII: it could not stand in a header.
        case unusableCharacter
    }

    /// A token that an operator has chosen.
    public init(parsing text: String) throws(Problem) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { throw .unusableCharacter }
        guard text.utf8.count >= Self.lengths.lowerBound else { throw .tooShort }
        guard text.utf8.count <= Self.lengths.upperBound else { throw .tooLong }
        self.text = text
    }
}

extension Accounts {
    /// Another account has the same token.
    public struct TokenTaken: Error {}

    /// The organization accepts no such tokens.
    public struct APITokensOff: Error {}

    /// Who this token belongs to; nil if nobody who is a member.
    ///
    /// - Throws: `APITokensOff` for the token of a member, or `DatabaseError`.
    public func requester(apiToken token: String) throws -> Requester? {
        let lookup = lookupHash(of: token)
        return try database.read { connection in
            try connection.row(
                """
                SELECT u.id, u.email, u.username, u.first_name, u.last_name, u.phone, u.allow_newsletters,
                       u.password_provisioned_at, u.created_at, u.last_active_at, u.photo, m.role, m.joined_at,
                       m.deactivated_at,
                       o.id, o.title, o.invite_nonce, o.max_session_age_minutes, o.max_idle_minutes,
                       o.legacy_api_tokens_enabled
                FROM api_token t
                JOIN user_account u ON u.id = t.user_id
                JOIN member m ON m.user_id = u.id AND m.removed_at IS NULL AND m.deactivated_at IS NULL
                JOIN organization o ON o.id = m.organization_id
                WHERE t.lookup_hash = \(lookup)
                """
            ).map {
                guard try $0.integer(19) != 0 else { throw APITokensOff() }
                return Requester(member: try Member(row: $0), proof: .apiToken(lookupHash: lookup))
            }
        }
    }

    /// The token of a user, decrypted.
    public func apiToken(of user: User.ID) throws -> String {
        let box = try database.read { connection in
            try connection.row("SELECT box FROM api_token WHERE user_id = \(user)")?.bytes(0)
        }
        guard let box, let token = keys.tokenBox.open(box, context: user.context) else {
            throw DatabaseError(.corrupt, "the API token of user \(user.number) cannot be decrypted")
        }
        return String(decoding: token, as: UTF8.self)
    }

    /// Replaces one's own token; the old one is refused from now on.
    public func resetAPIToken(of requester: Requester, from client: Client) throws -> String {
        let token = try newAPIToken()
        let user = requester.member.user.id
        try act(by: .requester(requester), from: client) { act in
            try storeAPIToken(token, of: user, connection: act.connection)
            try act.record(.tokenReset, by: user)
        }
        return token.text
    }

    /// 160 random bits in 40 hexadecimal digits.
    func newAPIToken() throws(APIToken.Problem) -> APIToken {
        try APIToken(parsing: Encoding.hexadecimal(randomness.bytes(20)))
    }

    /// - Throws: `TokenTaken` or `DatabaseError`.
    func storeAPIToken(_ token: APIToken, of user: User.ID, connection: any Connection) throws {
        let lookup = lookupHash(of: token.text)
        let box = keys.tokenBox.seal(Array(token.text.utf8), context: user.context, randomness: randomness)
        do {
            try connection.rows(
                """
                INSERT INTO api_token (user_id, lookup_hash, box, created_at)
                VALUES (\(user), \(lookup), \(box), \(now()))
                ON CONFLICT (user_id) DO UPDATE
                SET lookup_hash = excluded.lookup_hash, box = excluded.box, created_at = excluded.created_at
                """)
        } catch {
            throw error.reason == .constraint ? TokenTaken() : error
        }
    }

    /// Whether an account has this token already.
    func isTaken(_ token: APIToken, _ connection: any Connection) throws -> Bool {
        let lookup = lookupHash(of: token.text)
        return try connection.row("SELECT user_id FROM api_token WHERE lookup_hash = \(lookup)") != nil
    }

    private func lookupHash(of token: String) -> [UInt8] {
        keys.tokenLookup.hash(Array(token.utf8))
    }
}

extension User.ID {
    /// Ties an encrypted token to its owner: it opens for nobody else.
    fileprivate var context: [UInt8] {
        Array("user \(number)".utf8)
    }
}

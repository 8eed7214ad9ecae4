internal import Database

/// Which kinds of tokens calls of the API can be made with.
public struct TokenSettings: Sendable, Equatable {
    /// Personal access tokens.
    public let acceptsAccessTokens: Bool
    /// The API token of the account page, which never expires.
    public let acceptsAPITokens: Bool
}

extension Accounts {
    public func tokenSettings() throws -> TokenSettings {
        let row = try database.read { connection in
            try connection.row(
                """
                SELECT api_tokens_enabled, legacy_api_tokens_enabled FROM organization ORDER BY id LIMIT 1
                """)
        }
        return TokenSettings(
            acceptsAccessTokens: try row?.integer(0) != 0, acceptsAPITokens: try row?.integer(1) != 0)
    }

    /// Sets what is given, as an owner.
    ///
    /// - Throws: `MembershipRefusal.notOwner` or `DatabaseError`.
    public func editTokenSettings(
        acceptsAccessTokens: Bool?, acceptsAPITokens: Bool?, by requester: Requester, from client: Client
    ) throws {
        guard acceptsAccessTokens != nil || acceptsAPITokens != nil else { return }
        try changeSettings(by: requester, from: client) { act, organization in
            let row = try act.connection.row(
                """
                UPDATE organization
                SET api_tokens_enabled = COALESCE(\(acceptsAccessTokens), api_tokens_enabled),
                    legacy_api_tokens_enabled = COALESCE(\(acceptsAPITokens), legacy_api_tokens_enabled),
                    updated_at = \(act.instant)
                WHERE id = \(organization)
                RETURNING api_tokens_enabled, legacy_api_tokens_enabled
                """)
            guard let row else { return }
            let words = try [row.integer(0), row.integer(1)].map { $0 == 1 ? "on" : "off" }
            try act.record(
                .settingsChanged, by: requester.member.user.id,
                detail: "access-tokens \(words[0]) api-tokens \(words[1])")
        }
    }
}

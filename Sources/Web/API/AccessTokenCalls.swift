internal import Accounts
internal import HTTP

extension Site {
    func listAccessTokens(_ visit: Visit, _ requester: Requester) throws -> Response {
        let tokens = try accounts.refreshTokens(of: requester.member.user.id)
        return json(.ok, .array(tokens.map { ["token": .string(accessTokens.signedText(of: $0))] }))
    }

    func createAccessToken(_ visit: Visit, _ requester: Requester) throws -> Response {
        do {
            let token = try accounts.createRefreshToken(of: requester, from: client(of: visit))
            return json(.created, ["token": .string(accessTokens.text(of: token))])
        } catch is Accounts.RefreshTokenExists {
            throw APIFault(
                .conflict,
                "You already have a valid token. Please revoke it before creating a new one.")
        }
    }

    /// A refresh token says by itself whose it is: nobody has to be logged in.
    func refreshAccessToken(_ visit: Visit, _ requester: Requester?) throws -> Response {
        let text = try sentToken(visit)
        do {
            let access = accessTokens.accessToken(by: try refreshToken(text), at: now(), randomness)
            return json(.ok, ["access": .string(access)])
        } catch let refusal as AccessTokens.Refusal {
            note(
                .warning, "token-refused", visit,
                [("path", visit.loggedPath), ("reference", reference(of: visit))])
            var response = apiError(.unauthorized, refusal.rawValue, visit)
            response.add("WWW-Authenticate", "Bearer realm=\"api\"")
            return response
        }
    }

    func rotateAccessToken(_ visit: Visit, _ requester: Requester) throws -> Response {
        let text = try sentToken(visit)
        do {
            let old = try refreshToken(text)
            let token = try accounts.rotateRefreshToken(old.id, of: requester, from: client(of: visit))
            return json(.ok, ["refresh": .string(accessTokens.text(of: token))])
        } catch is AccessTokens.Refusal, is Accounts.RefreshTokenRefused, is Accounts.RefreshTokenExists {
            throw APIFault(problems: [("non_field_errors", "Invalid refresh token")])
        }
    }

    /// Whoever holds the token itself may end it; for the form that lists show,
    /// one has to be its owner.
    func revokeAccessToken(_ visit: Visit, _ requester: Requester?) throws -> Response {
        let text = try sentToken(visit)
        do {
            let token = try revocable(text, requester)
            try accounts.revokeRefreshToken(token.id, of: token.userID, from: client(of: visit))
            return Response(.noContent)
        } catch is AccessTokens.Refusal, is Accounts.RefreshTokenRefused {
            return json(.notFound, ["detail": "Token is invalid or already blacklisted."])
        }
    }

    private func revocable(_ text: String, _ requester: Requester?) throws -> RefreshToken {
        if let requester, let id = AccessTokens.refreshID(claimedBy: text),
            let token = try accounts.refreshToken(id: id), token.userID == requester.member.user.id
        {
            return token
        }
        return try refreshToken(text)
    }

    private func sentToken(_ visit: Visit) throws -> String {
        var fields = try Fields(visit)
        let text = fields.text("refresh", limit: 4096, mayBeBlank: false, isRequired: true)
        try fields.check()
        return text ?? ""
    }

    func getTokenSettings(_ visit: Visit, _ requester: Requester) throws -> Response {
        let settings = try accounts.tokenSettings()
        return json(
            .ok,
            [
                "api_tokens_enabled": .boolean(settings.acceptsAccessTokens),
                "legacy_api_tokens_enabled": .boolean(settings.acceptsAPITokens),
            ])
    }

    func editTokenSettings(_ visit: Visit, _ requester: Requester) throws -> Response {
        var fields = try Fields(visit)
        let access = fields.boolean("api_tokens_enabled", isComplete: true) ?? nil
        let legacy = fields.boolean("legacy_api_tokens_enabled", isComplete: true) ?? nil
        try fields.check()
        try accounts.editTokenSettings(
            acceptsAccessTokens: access, acceptsAPITokens: legacy, by: requester, from: client(of: visit))
        return try getTokenSettings(visit, requester)
    }
}

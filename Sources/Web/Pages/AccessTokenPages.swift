internal import Accounts
internal import HTTP
internal import Templates

extension Site {
    /// What the account page says of one's personal access token.
    func addAccessToken(to page: inout Page, _ visit: Visit, _ visitor: Visitor) throws {
        let settings = try accounts.tokenSettings()
        page.values.show("API_TOKENS_OFF", if: !settings.acceptsAPITokens)
        page.values.show("ACCESS_TOKENS_OFF", if: !settings.acceptsAccessTokens)
        let tokens = try accounts.refreshTokens(of: visitor.member.user.id)
        for token in tokens {
            var values = Values()
            values.set("ACCESS_TOKEN", Self.shortened(accessTokens.signedText(of: token)))
            values.set("REVOKE_URL", visit.link("/user/account/access-token/revoke?id=\(token.id)"))
            values.set("ACCESS_TOKEN_CREATED", token.createdAt.date)
            page.values.add("ACCESS_TOKENS", values)
        }
        page.values.show("NO_ACCESS_TOKEN", if: tokens.isEmpty)
    }

    /// The token is shown once: nothing that it could be read from is stored.
    func makeAccessToken(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let token: RefreshToken
        do {
            token = try accounts.createRefreshToken(of: visitor.requester, from: client(of: visit))
        } catch is Accounts.RefreshTokenExists {
            return errorPage(.conflict, visit)
        }
        var page = Page(.accessToken, title: sentence(.titleAccessToken))
        page.values.set("ACCESS_TOKEN", accessTokens.text(of: token))
        return try render(page, visit)
    }

    func askAboutAccessToken(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        var page = Page(.accessTokenRevoke, title: sentence(.titleAccessTokenRevoke))
        page.values.set("ACCESS_TOKEN_ID", visit.query["id"] ?? "")
        return try render(page, visit)
    }

    func endAccessToken(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        do {
            guard let id = try visit.form["id"], RefreshToken.isID(id) else {
                throw Accounts.RefreshTokenRefused()
            }
            try accounts.revokeRefreshToken(id, of: visitor.member.user.id, from: client(of: visit))
        } catch is Accounts.RefreshTokenRefused {
            return errorPage(.conflict, visit)
        }
        return redirect(to: visit.link("/user/account/?done=\(Notice.accessTokenRevoked.rawValue)"))
    }

    /// Which kinds of tokens are accepted, for owners.
    func showTokenSettings(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let settings = try accounts.tokenSettings()
        var page = Page(.access, title: sentence(.titleAccess))
        page.values.show("ACCESS_TOKENS_ON", if: settings.acceptsAccessTokens)
        page.values.show("API_TOKENS_ON", if: settings.acceptsAPITokens)
        return try render(page, visit)
    }

    func saveTokenSettings(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let form = try visit.form
        do {
            try accounts.editTokenSettings(
                acceptsAccessTokens: form["access_tokens"] != nil,
                acceptsAPITokens: form["api_tokens"] != nil, by: visitor.requester,
                from: client(of: visit))
        } catch Accounts.MembershipRefusal.notOwner {
            return refusedRight(visit)
        }
        return redirect(to: visit.link("/organization/access?done=\(Notice.tokenSettings.rawValue)"))
    }

    /// The beginning and the end: enough to tell one from another.
    private static func shortened(_ text: String) -> String {
        "\(text.prefix(12))…\(text.suffix(8))"
    }
}

import Database
import Testing

@testable import Accounts

struct RefreshTokenTests {
    private let world: World
    private let one: Requester
    private let other: Requester

    init() throws {
        world = try World()
        one = try world.accounts.requester(world.signUp("one@example.com").userID)
        other = try world.accounts.requester(world.signUp("other@example.com").userID)
    }

    private var accounts: Accounts { world.accounts }

    private func make() throws -> RefreshToken {
        try accounts.createRefreshToken(of: one, from: .somewhere)
    }

    /// Whether calls can be made with what was made by this token.
    private func works(_ token: RefreshToken) throws -> Bool {
        try accounts.requester(accessTokenBy: token.id)?.member.user.id == one.member.user.id
    }

    @Test func `a token is found by its id, and names its owner`() throws {
        let token = try make()
        #expect(token.id.utf8.count == 32)
        #expect(token.expiresAt == token.createdAt + 73_000 * 86_400)
        let found = try #require(try accounts.refreshToken(id: token.id))
        #expect(found.userID == one.member.user.id && !found.isEnded && found.origin == nil)
        #expect(found.createdAt == token.createdAt && found.expiresAt == token.expiresAt)
        #expect(try accounts.refreshTokens(of: one.member.user.id).map(\.id) == [token.id])
        #expect(try accounts.refreshTokens(of: other.member.user.id).isEmpty)
        #expect(try works(token))
        #expect(try accounts.requester(accessTokenBy: "") == nil)
    }

    @Test func `nobody has two, not even by two requests at once`() throws {
        let token = try make()
        #expect(throws: Accounts.RefreshTokenExists.self) { try make() }
        #expect(throws: DatabaseConstraint.self) { try insertAnother() }
        try accounts.revokeRefreshToken(token.id, of: one.member.user.id, from: .somewhere)
        #expect(try make().id != token.id)
    }

    private struct DatabaseConstraint: Error {}

    /// What a request would do that had looked before the other one wrote.
    private func insertAnother() throws {
        do {
            try world.database.write {
                try $0.rows(
                    """
                    INSERT INTO refresh_token (jti, user_id, created_at, expires_at)
                    VALUES ('another', \(one.member.user.id), 0, 9000000000000000)
                    """)
            }
        } catch {
            throw DatabaseConstraint()
        }
    }

    @Test func `after a rotation the new one can be used; what the old one has made goes on working`() throws
    {
        let old = try make()
        let new = try accounts.rotateRefreshToken(old.id, of: one, from: .somewhere)
        #expect(new.id != old.id)
        #expect(try accounts.refreshToken(id: old.id)?.isEnded == true)
        #expect(try accounts.refreshToken(id: new.id)?.isEnded == false)
        #expect(try works(old) && works(new))
        #expect(throws: Accounts.RefreshTokenRefused.self) {
            try accounts.rotateRefreshToken(old.id, of: one, from: .somewhere)
        }
        #expect(throws: Accounts.RefreshTokenRefused.self) {
            try accounts.rotateRefreshToken(new.id, of: other, from: .somewhere)
        }
    }

    @Test func `a revoked token takes with it what it has made`() throws {
        let token = try make()
        #expect(throws: Accounts.RefreshTokenRefused.self) {
            try accounts.revokeRefreshToken(token.id, of: other.member.user.id, from: .somewhere)
        }
        #expect(try works(token))
        try accounts.revokeRefreshToken(token.id, of: one.member.user.id, from: .somewhere)
        #expect(try accounts.refreshToken(id: token.id)?.isEnded == true)
        #expect(try !works(token))
        #expect(throws: Accounts.RefreshTokenRefused.self) {
            try accounts.revokeRefreshToken(token.id, of: one.member.user.id, from: .somewhere)
        }
    }

    @Test func `an act that waited is refused when its token was revoked meanwhile`() throws {
        let token = try make()
        let requester = try #require(try accounts.requester(accessTokenBy: token.id))
        _ = try accounts.resetAPIToken(of: requester, from: .somewhere)
        try accounts.revokeRefreshToken(token.id, of: one.member.user.id, from: .somewhere)
        #expect(throws: Accounts.AccessEnded.self) {
            try accounts.resetAPIToken(of: requester, from: .somewhere)
        }
    }

    @Test func `who may not act has no token`() throws {
        let token = try make()
        let user = one.member.user.id
        try accounts.setRole(.owner, of: other.member.user.id, by: .commandLine, from: .commandLine)
        try accounts.deactivate(user, by: .commandLine, from: .commandLine)
        #expect(try accounts.refreshToken(id: token.id) == nil)
        #expect(try !works(token))
        try accounts.reactivate(user, by: .commandLine, from: .commandLine)
        #expect(try works(token))
        try accounts.remove(user, by: .commandLine, from: .commandLine)
        try accounts.restore(user, by: .commandLine, from: .commandLine)
        #expect(try accounts.refreshToken(id: token.id) == nil)
        #expect(try !works(token))
    }

    @Test func `a token expires and is removed`() throws {
        let token = try make()
        world.clock.advance(seconds: RefreshToken.lifetime)
        #expect(try accounts.refreshToken(id: token.id) == nil)
        #expect(try accounts.refreshTokens(of: one.member.user.id).isEmpty)
        #expect(throws: Accounts.RefreshTokenRefused.self) {
            try accounts.revokeRefreshToken(token.id, of: one.member.user.id, from: .somewhere)
        }
        try accounts.tidy()
        #expect(try world.count("refresh_token") == 0)
    }

    @Test func `an owner switches each kind of token off and on again`() throws {
        let token = try make()
        let apiToken = try accounts.apiToken(of: one.member.user.id)
        #expect(
            try accounts.tokenSettings()
                == TokenSettings(acceptsAccessTokens: true, acceptsAPITokens: true))
        #expect(throws: Accounts.MembershipRefusal.notOwner) {
            try accounts.editTokenSettings(
                acceptsAccessTokens: false, acceptsAPITokens: false, by: other, from: .somewhere)
        }
        let byAPIToken = try #require(try accounts.requester(apiToken: apiToken))
        try accounts.editTokenSettings(
            acceptsAccessTokens: false, acceptsAPITokens: nil, by: one, from: .somewhere)
        #expect(try !works(token))
        #expect(try accounts.requester(apiToken: apiToken) != nil)
        try accounts.editTokenSettings(
            acceptsAccessTokens: true, acceptsAPITokens: false, by: one, from: .somewhere)
        #expect(try works(token))
        #expect(throws: Accounts.APITokensOff.self) { try accounts.requester(apiToken: apiToken) }
        #expect(try accounts.requester(apiToken: "nobody's token") == nil)
        // Nor does an act go through that had begun before.
        #expect(throws: Accounts.AccessEnded.self) {
            try accounts.resetAPIToken(of: byAPIToken, from: .somewhere)
        }
    }
}

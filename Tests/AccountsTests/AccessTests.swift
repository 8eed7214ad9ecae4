import Database
import Testing

@testable import Accounts

/// Whether those who were let in once would be let in again, and why not.
struct AccessTests {
    private let world: World
    private let owner: Requester
    private let session: NewSession
    private let user: User.ID

    init() throws {
        world = try World()
        owner = try #require(try world.visitor(world.signUp("owner@example.com"))).requester
        session = try world.signUp("member@example.com")
        user = session.userID
    }

    private var accounts: Accounts { world.accounts }

    private func bySession() throws -> Access {
        try #require(try world.visitor(session)).requester.access
    }

    private func byToken() throws -> Access {
        try #require(try accounts.requester(apiToken: accounts.apiToken(of: user))).access
    }

    private func byAccessToken() throws -> (access: Access, token: RefreshToken) {
        let token = try accounts.createRefreshToken(of: accounts.requester(user), from: .somewhere)
        return (try #require(try accounts.requester(accessTokenBy: token.id)).access, token)
    }

    private func ends(_ accesses: Access...) throws -> [Access.End?] {
        let ends = try accounts.ends(of: accesses)
        return accesses.map { access in ends.first { $0.access == access }?.end }
    }

    @Test func `who has access keeps it, whatever happens to others`() throws {
        let all = try (bySession(), byToken(), byAccessToken().access)
        let other = try world.signUp("other@example.com")
        let others = try #require(try world.visitor(other)).requester.access
        try world.remove("other@example.com")
        #expect(try ends(all.0, all.1, all.2, others) == [nil, nil, nil, .removed])
    }

    @Test func `who is removed or deactivated has none, by session or by token`() throws {
        let all = try (bySession(), byToken(), byAccessToken().access)
        try accounts.deactivate(user, by: .commandLine, from: .commandLine)
        #expect(try ends(all.0, all.1, all.2) == [.deactivated, .deactivated, .deactivated])
        try accounts.remove(user, by: .commandLine, from: .commandLine)
        #expect(try ends(all.0, all.1, all.2) == [.removed, .removed, .removed])
        // Back again, he has to show something new.
        try accounts.restore(user, by: .commandLine, from: .commandLine)
        #expect(try ends(all.0, all.2) == [.sessionEnded, .tokenRevoked])
    }

    @Test func `a session that was ended ends no token`() throws {
        let all = try (bySession(), byToken())
        try accounts.endSessions(of: user, by: .commandLine, from: .commandLine)
        #expect(try ends(all.0, all.1) == [.sessionEnded, nil])
    }

    @Test func `a session expires by age and by idleness, to the second`() throws {
        let access = try bySession()
        world.clock.advance(seconds: 3 * 86_400 - 1)
        #expect(try ends(access) == [nil])
        world.clock.advance(seconds: 1)
        #expect(try ends(access) == [.sessionExpired])
        try world.database.write { try $0.rows("UPDATE organization SET max_idle_minutes = 99999") }
        world.clock.advance(seconds: 5 * 86_400 - 1)
        #expect(try ends(access) == [nil])
        world.clock.advance(seconds: 1)
        #expect(try ends(access) == [.sessionExpired])
    }

    @Test func `a token that was replaced, given back or switched off ends no session`() throws {
        let session = try bySession()
        let token = try byToken()
        let (access, refreshToken) = try byAccessToken()
        _ = try accounts.resetAPIToken(of: accounts.requester(user), from: .somewhere)
        #expect(try ends(session, token, access) == [nil, .tokenRevoked, nil])
        try accounts.revokeRefreshToken(refreshToken.id, of: user, from: .somewhere)
        #expect(try ends(session, access) == [nil, .tokenRevoked])
        let (new, newAccess) = try (byToken(), byAccessToken().access)
        try accounts.editTokenSettings(
            acceptsAccessTokens: true, acceptsAPITokens: false, by: owner, from: .somewhere)
        #expect(try ends(session, new, newAccess) == [nil, .tokenRevoked, nil])
        try accounts.editTokenSettings(
            acceptsAccessTokens: false, acceptsAPITokens: true, by: owner, from: .somewhere)
        #expect(try ends(session, new, newAccess) == [nil, nil, .tokenRevoked])
    }
}

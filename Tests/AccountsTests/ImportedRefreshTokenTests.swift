import Database
import Testing

@testable import Accounts

struct ImportedRefreshTokenTests {
    private let world: World
    private static let id = "d27aa481cbdf47e199f67f13ed09967e"

    init() throws {
        world = try World()
    }

    private func token() throws -> RefreshToken? {
        try world.accounts.refreshToken(id: Self.id)
    }

    @Test func `a personal access token comes with the key it is signed with`() throws {
        #expect(try world.takeOver(ForeignSample()).refreshTokens == 1)
        let token = try #require(try token())
        #expect(token.userID.number == 3)
        #expect(token.origin?.key == ForeignSample.secretKey)
        let text = try #require(token.origin?.text)
        #expect(text.hasPrefix("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCI"))
        #expect(token.createdAt.iso8601 == "2026-11-23T17:44:49.647947Z")
        #expect(token.expiresAt.iso8601 == "2226-10-06T17:44:49.000000Z")
        #expect(try world.accounts.refreshTokens(of: token.userID).map(\.id) == [Self.id])
        #expect(try world.accounts.refreshTokens(of: User.ID(1)).isEmpty)
        // No other token is verified by that key.
        #expect(try world.accounts.refreshToken(id: "00000000000000000000000000000000") == nil)
    }

    @Test func `the database does not hold the key as it is`() throws {
        try world.takeOver(ForeignSample())
        let box = try #require(
            try world.database.read { try $0.row("SELECT key_box FROM refresh_token")?.bytes(0) })
        #expect(!String(decoding: box, as: UTF8.self).contains("the key of"))
        // Nor does the box open for another user.
        try world.database.write { try $0.rows("UPDATE refresh_token SET user_id = 1") }
        #expect(throws: DatabaseError.self) { try token() }
    }

    @Test func `without the key no token comes; with it the next run brings it`() throws {
        let sample = try ForeignSample()
        let report = try world.takeOver(sample, refreshKey: nil)
        #expect(report.notes == [.refreshTokensWithoutKey(1)])
        #expect(try token() == nil)
        let again = try world.takeOver(sample)
        #expect(again.refreshTokens == 1 && again.people == 0)
        #expect(try token() != nil)
    }

    @Test(arguments: [
        """
        INSERT INTO token_blacklist_blacklistedtoken (blacklisted_at, token_id) VALUES ('2026-11-24 00:00:00', 1)
        """,
        "UPDATE token_blacklist_outstandingtoken SET expires_at = '2023-11-14 22:13:19'",
        "UPDATE token_blacklist_outstandingtoken SET user_id = NULL",
        "DROP TABLE token_blacklist_blacklistedtoken",
    ])
    func `what was revoked, has expired or belongs to nobody does not come`(sql: String) throws {
        #expect(try world.takeOver(ForeignSample(changedBy: sql)).refreshTokens == 0)
        #expect(try token() == nil)
    }

    @Test func `nobody who was here gets one`() throws {
        try world.signUp("bob.builder@example.com")
        #expect(try world.takeOver(ForeignSample()).refreshTokens == 0)
    }

    @Test func `it ends with the membership, and rests while that does`() throws {
        try world.takeOver(ForeignSample())
        let bob = User.ID(3)
        try world.accounts.deactivate(bob, by: .commandLine, from: .commandLine)
        #expect(try token() == nil)
        try world.accounts.reactivate(bob, by: .commandLine, from: .commandLine)
        #expect(try token() != nil)
        try world.accounts.remove(bob, by: .commandLine, from: .commandLine)
        try world.accounts.restore(bob, by: .commandLine, from: .commandLine)
        #expect(try token() == nil)
        #expect(try world.takeOver(ForeignSample()).refreshTokens == 0)
    }

    @Test func `a link that sets a password ends it`() throws {
        try world.takeOver(ForeignSample())
        let link = try world.accounts.makeSetPasswordLink(
            for: User.ID(3), by: .commandLine, from: .commandLine)
        try world.accounts.setPassword(
            by: link, to: Password(new: "battery staple", minimum: 8, knowing: []), from: .somewhere)
        #expect(try token() == nil)
    }

    @Test func `one that has expired is removed`() throws {
        try world.takeOver(
            ForeignSample(
                changedBy: "UPDATE token_blacklist_outstandingtoken SET expires_at = '2023-11-14 22:13:21'"))
        #expect(try token() != nil)
        world.clock.advance(seconds: 2)
        #expect(try token() == nil)
        try world.accounts.tidy()
        #expect(try world.count("refresh_token") == 0)
    }
}

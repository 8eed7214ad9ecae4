import Testing

@testable import Accounts

struct PeopleTests {
    private let world: World

    init() throws {
        world = try World()
    }

    /// Signs up this many people and returns the organization.
    private func organization(of count: Int) throws -> Organization {
        for number in 0..<count { try world.signUp("person\(number)@example.com") }
        return try #require(try world.accounts.organization())
    }

    @Test func `removed people are not listed, counted or found`() throws {
        let organization = try organization(of: 3)
        try world.remove("person1@example.com")
        let members = try world.accounts.people(
            PeopleListing(of: organization, order: .init(.email, .ascending))
        ).members
        #expect(members.map(\.user.email.text) == ["person0@example.com", "person2@example.com"])
        #expect(try world.accounts.memberCount(of: organization) == 2)
        #expect(try world.member("person1@example.com") == nil)
        #expect(try world.member("person2@example.com")?.role == .member)
    }

    @Test func `a profile is kept as it was written, and names the person`() throws {
        let user = try world.signUp("a@example.com").userID
        let other = try world.signUp("b@example.com").userID
        let profile = User.Profile(
            firstName: "Ada", lastName: "Byron\t", phone: "+1 <2>", allowsNewsletters: true)
        try world.accounts.update(profile, of: world.accounts.requester(user), from: .somewhere)
        let found = try #require(try world.member("a@example.com")).user
        #expect(found.id == user)
        #expect(found.profile == profile)
        #expect(found.displayName == "Ada Byron\t")
        #expect(found.initials == "AB")
        #expect(found.username == "a")
        #expect(try world.member("b@example.com")?.user.id == other)
        #expect(try world.member("b@example.com")?.user.profile.firstName == "")
        try world.accounts.update(
            .init(firstName: "", lastName: "Byron", phone: "", allowsNewsletters: nil),
            of: world.accounts.requester(user), from: .somewhere)
        let again = try #require(try world.member("a@example.com")).user
        #expect(again.displayName == "Byron")
        #expect(again.initials == "B")
        #expect(again.profile.allowsNewsletters == nil)
    }

    @Test func `a short address has short initials`() throws {
        #expect(try User.sample("a@b.de").initials == "a@")
        #expect(try User.sample("ab@b.de").initials == "ab")
    }
}

extension User {
    fileprivate static func sample(_ email: String) throws -> User {
        User(
            id: ID(1), email: try EmailAddress(parsing: email), username: "",
            profile: .init(firstName: "", lastName: "", phone: "", allowsNewsletters: nil),
            passwordProvisionedAt: nil,
            createdAt: Timestamp(microseconds: 0), lastActiveAt: Timestamp(microseconds: 0), photo: nil)
    }
}

import Database
import Testing

@testable import Accounts

/// The list of people: orders, pages, and what a search finds.
struct PeopleListingTests {
    private let world: World

    init() throws {
        world = try World()
    }

    /// Signs up people of these names, a second apart; "": without one.
    private func organization(of names: [String]) throws -> Organization {
        for (number, name) in names.enumerated() {
            let user = try world.signUp("person\(number)@example.com").userID
            let words = name.split(separator: " ", maxSplits: 1).map(String.init)
            try world.accounts.update(
                .init(
                    firstName: words.first ?? "", lastName: words.count > 1 ? words[1] : "", phone: "",
                    allowsNewsletters: nil),
                of: world.accounts.requester(user), from: .somewhere)
            world.clock.advance(seconds: 1)
        }
        return try #require(try world.accounts.organization())
    }

    private func emails(
        _ organization: Organization, _ order: PeopleListing.Order, search: String = ""
    ) throws -> [String] {
        let listing = PeopleListing(of: organization, search: search, order: order)
        return try world.accounts.people(listing).members.map {
            String($0.user.email.text.prefix { $0 != "@" })
        }
    }

    private static let orders = PeopleListing.Column.allCases.flatMap {
        [PeopleListing.Order($0, .ascending), PeopleListing.Order($0, .descending)]
    }

    @Test(arguments: orders) func `every order has pages that hold everybody once, in both directions`(
        order: PeopleListing.Order
    ) throws {
        // More than two pages, many with the same name.
        let count = 2 * Accounts.peoplePageSize + 7
        let organization = try organization(of: (0..<count).map { $0 % 3 == 0 ? "" : "Ada \($0 % 5)" })
        let listing = PeopleListing(of: organization, order: order)
        var pages = [try world.accounts.people(listing)]
        while let next = pages.last?.next {
            // As it comes back from an address.
            let place = try #require(PeopleListing.Place(parsing: next.text, in: order.column))
            pages.append(try world.accounts.people(listing, from: .after(place)))
            #expect(pages.last?.previous != nil)
        }
        #expect(pages.map(\.members.count) == [50, 50, 7])
        #expect(pages[0].previous == nil)
        let ids = pages.map { $0.members.map(\.user.id) }
        #expect(Set(ids.joined()).count == count)
        let second = try world.accounts.people(listing, from: .before(#require(pages[2].previous)))
        #expect(second.members.map(\.user.id) == ids[1])
        let first = try world.accounts.people(listing, from: .before(#require(second.previous)))
        #expect(first.members.map(\.user.id) == ids[0])
        #expect(first.previous == nil && first.next != nil)
        // The other way round.
        let reversed = PeopleListing(
            of: organization, order: .init(order.column, order.direction.opposite))
        let last = try world.accounts.people(reversed)
        #expect(last.members.map(\.user.id) == Array(ids.joined().reversed().prefix(50)))
    }

    @Test func `each order is what its name says`() throws {
        let organization = try organization(of: ["Zoe", "ada", "Ärmel", "", "Bo"])
        let ascending = { try emails(organization, .init($0, .ascending)) }
        #expect(try ascending(.name) == ["person1", "person2", "person4", "person3", "person0"])
        #expect(try ascending(.email) == ["person0", "person1", "person2", "person3", "person4"])
        #expect(try ascending(.joined) == ["person0", "person1", "person2", "person3", "person4"])
        _ = try world.logIn("person1@example.com")
        #expect(try ascending(.active) == ["person0", "person2", "person3", "person4", "person1"])
        #expect(try emails(organization, .init(.role, .descending)).first == "person0")
        #expect(try ascending(.role).last == "person0")
    }

    @Test(
        arguments: [
            ("ada", ["person0", "person3"]), ("ADA B", ["person0"]), ("muller", ["person1"]),
            ("MÜLLER", ["person1"]), ("Mu\u{308}l", ["person1"]), ("strasse", ["person2"]),
            ("PERSON1", ["person1"]), ("person1@exam", ["person1"]), ("son0@", ["person0"]), ("%", []),
            ("_", ["person3"]), ("!", []), ("'", []), ("nobody", []), ("person9", []),
            ("example.com", ["person0", "person1", "person2", "person3"]),
            (String(repeating: "a", count: 10_000), []), (String(repeating: "%", count: 10_000), []),
            ("a\0d", []), ("\0", ["person0", "person1", "person2", "person3"]),
        ])
    func `a search finds parts of names and addresses`(search: String, found: [String]) throws {
        let organization = try organization(of: ["Ada Byron", "Jo Müller", "Li Straße", "ada_x"])
        for order in Self.orders {
            #expect(try emails(organization, order, search: search).sorted() == found, "\(order)")
        }
    }

    @Test func `pages of a search hold what it finds, and nobody else`() throws {
        let organization = try organization(of: (0..<150).map { $0 % 2 == 0 ? "Ada" : "Bo" })
        for order in Self.orders {
            let listing = PeopleListing(of: organization, search: "ada", order: order)
            let first = try world.accounts.people(listing)
            let second = try world.accounts.people(listing, from: .after(#require(first.next)))
            #expect((first.members + second.members).allSatisfy { $0.user.profile.firstName == "Ada" })
            #expect(first.members.count == 50 && second.members.count == 25 && second.next == nil)
        }
    }

    @Test func `removed people are in no order and found by nothing`() throws {
        let organization = try organization(of: ["Ada", "Bo", "Cy"])
        try world.remove("person1@example.com")
        for order in Self.orders {
            #expect(try emails(organization, order).sorted() == ["person0", "person2"])
            #expect(try emails(organization, order, search: "bo").isEmpty)
        }
    }

    @Test func `a place stays where it is when the person beside it goes`() throws {
        let organization = try organization(of: (10..<70).map { "Ada \($0)" })
        let listing = PeopleListing(of: organization, order: .init(.name, .ascending))
        let next = try #require(try world.accounts.people(listing).next)
        try world.remove("person49@example.com")
        let rest = try world.accounts.people(listing, from: .after(next)).members
        #expect(rest.map(\.user.displayName) == (60..<70).map { "Ada \($0)" })
    }

    @Test(arguments: ["", "x", ".", "1", "1a.b", "99999999999999999999.b", "1.\0", "-"])
    func `what is no place is none`(text: String) {
        #expect(PeopleListing.Place(parsing: text, in: .name) == nil)
        #expect(PeopleListing.Place(parsing: text, in: .joined) == nil)
    }

    @Test func `a place in another order is none`() {
        #expect(PeopleListing.Place(parsing: "1.ada", in: .joined) == nil)
        #expect(PeopleListing.Place(parsing: "1.ada.b", in: .name)?.text == "1.ada.b")
        #expect(PeopleListing.Place(parsing: "-1.-5", in: .active)?.text == "-1.-5")
    }

    @Test func `past the end there is nobody`() throws {
        let organization = try organization(of: ["Ada", "Bo"])
        let listing = PeopleListing(of: organization, order: .init(.joined, .ascending))
        let place = try #require(PeopleListing.Place(parsing: "9.\(Int64.max)", in: .joined))
        let page = try world.accounts.people(listing, from: .after(place))
        #expect(page.members.isEmpty && page.next == nil && page.previous == nil)
    }

    // What the list knows a person by follows whatever changes his names or his address.

    @Test func `a new address is found at once`() throws {
        let organization = try organization(of: [""])
        let visitor = try #require(try world.visitor(world.logIn("person0@example.com")))
        _ = try world.accounts.changeEmail(
            of: visitor, to: EmailAddress(parsing: "zoe@example.com"),
            password: Password(claimed: World.password), from: .somewhere)
        #expect(try emails(organization, .init(.name, .ascending), search: "zoe") == ["zoe"])
        #expect(try foldedNames() == ["zoe@example.com"])
    }

    @Test func `a name that the API writes is found at once`() throws {
        let organization = try organization(of: ["Ada", "Bo"])
        let owner = try #require(try world.member("person0@example.com")).user.id
        let other = try #require(try world.member("person1@example.com")).user.id
        var changes = AccountChanges()
        changes.firstName = "Zoë"
        _ = try world.accounts.edit(other, changes, by: world.accounts.requester(owner), from: .somewhere)
        #expect(try emails(organization, .init(.name, .ascending), search: "zoe") == ["person1"])
        changes.firstName = "Łukasz"
        _ = try world.accounts.createAccount(
            email: EmailAddress(parsing: "new@example.com"), changes, by: world.accounts.requester(owner),
            from: .somewhere)
        #expect(try emails(organization, .init(.name, .ascending), search: "lukasz") == ["new"])
    }

    @Test func `what an older version did not write is made up for`() throws {
        let organization = try organization(of: ["Ada Müller", ""])
        let owner = try #require(try world.member("person0@example.com"))
        _ = try world.accounts.createProject(
            Project.Content(title: "Vögel", description: ""), by: world.accounts.requester(owner.user.id),
            from: .somewhere)
        try world.database.write { connection in
            try connection.rows("UPDATE user_account SET folded_name = ''")
            try connection.rows("UPDATE project SET folded_title = ''")
        }
        _ = try world.reopened()
        #expect(try foldedNames() == ["ada muller", "person1@example.com"])
        #expect(try emails(organization, .init(.name, .ascending), search: "muller") == ["person0"])
        let title = try world.database.read { try $0.row("SELECT folded_title FROM project")?.text(0) }
        #expect(title == "vogel")
    }

    private func foldedNames() throws -> [String] {
        try world.database.read { try $0.rows("SELECT folded_name FROM user_account ORDER BY id") }
            .map { try $0.text(0) }
    }
}

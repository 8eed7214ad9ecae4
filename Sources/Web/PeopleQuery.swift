internal import Accounts
internal import HTTP

/// What the address of the list of people asks for: `?q=ada&sort=-joined&after=…`.
/// Whatever makes no sense counts as not there.
struct PeopleQuery {
    let search: String
    let order: PeopleListing.Order
    let bound: PeopleListing.Bound

    static let standardOrder = PeopleListing.Order(.name, .ascending)

    init(_ query: Form) {
        search = trimmed(query["q"] ?? "")
        order = query["sort"].flatMap(Self.order) ?? Self.standardOrder
        let column = order.column
        let place = { (name: String) in query[name].flatMap { PeopleListing.Place(parsing: $0, in: column) } }
        bound = place("after").map { .after($0) } ?? place("before").map { .before($0) } ?? .start
    }

    var isFirstPage: Bool {
        if case .start = bound { true } else { false }
    }

    /// `name`, or `-name` for the other way round.
    private static func order(_ text: String) -> PeopleListing.Order? {
        let isDescending = text.utf8.first == UInt8(ascii: "-")
        return PeopleListing.Column(rawValue: String(isDescending ? text.dropFirst() : text[...])).map {
            PeopleListing.Order($0, isDescending ? .descending : .ascending)
        }
    }

    /// As it stands in an address; nil for the order that needs none.
    static func text(of order: PeopleListing.Order) -> String? {
        guard order != standardOrder else { return nil }
        return (order.direction == .descending ? "-" : "") + order.column.rawValue
    }

    /// What a click on the head of a column asks for: the other way round, or, if the list
    /// is sorted by another one, what people look for first in this one: owners, and the
    /// latest.
    func order(after column: PeopleListing.Column) -> PeopleListing.Order {
        if order.column == column { return .init(column, order.direction.opposite) }
        return switch column {
        case .name, .email: .init(column, .ascending)
        case .role, .joined, .active: .init(column, .descending)
        }
    }

    /// The same search in this order, from this place on.
    func path(_ order: PeopleListing.Order, from bound: PeopleListing.Bound = .start) -> String {
        var fields: [(String, String)] = search.isEmpty ? [] : [("q", search)]
        if let sort = Self.text(of: order) { fields.append(("sort", sort)) }
        switch bound {
        case .start: break
        case .after(let place): fields.append(("after", place.text))
        case .before(let place): fields.append(("before", place.text))
        }
        let pairs = fields.map { "\($0.0)=\(PercentCoding.encode($0.1))" }
        return "/organization/" + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }
}

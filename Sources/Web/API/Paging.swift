internal import Accounts
internal import HTTP

/// Which page of a list a client wants: `?page=2&page_size=50`.
struct Paging {
    private let page: Int64
    /// Nil: all of them on one page.
    private let size: Int64?

    /// Larger pages are cut to it: one answer is made in memory. All on one page
    /// (-1) can only be had of people.
    static let largestSize: Int64 = 1000

    /// - Parameters:
    ///   - standard: rows of a page if the client does not say.
    ///   - allowsAll: whether -1 means all; else it means the largest page.
    /// - Throws: `APIFault` if it is no page.
    init(_ visit: Visit, standard: Int64, allowsAll: Bool = false) throws {
        let wanted = visit.query["page"].map { Int64($0) } ?? 1
        guard let page = wanted, page > 0, page <= 1 << 40 else { throw APIFault(.notFound, "Invalid page.") }
        self.page = page
        switch visit.query["page_size"].flatMap({ Int64($0) }) {
        case -1: size = allowsAll ? nil : Self.largestSize
        case .some(let number) where number > 0: size = min(number, Self.largestSize)
        default: size = standard
        }
    }

    var part: Part {
        guard let size else { return page == 1 ? .everything : Part(offset: .max, limit: 0) }
        return Part(offset: (page - 1) * size, limit: size)
    }

    /// A page past the end is empty: clients that go on until then end well.
    func answer(_ results: [JSON], total: Int64, _ visit: Visit) -> JSON {
        let isLast = size.map { page * $0 >= total } ?? true
        return [
            "count": .integer(total),
            "next": isLast ? nil : .string(address(of: page + 1, visit)),
            "previous": page == 1 ? nil : .string(address(of: page - 1, visit)),
            "results": .array(results),
        ]
    }

    /// The address that was asked for, with another page.
    private func address(of page: Int64, _ visit: Visit) -> String {
        var query = visit.query.fields.filter { $0.name != "page" }
        query.append(("page", "\(page)"))
        let text = query.map { "\(PercentCoding.encode($0.name))=\(PercentCoding.encode($0.value))" }
            .joined(separator: "&")
        return visit.address.origin + visit.link(visit.mount + visit.loggedPath) + "?\(text)"
    }
}

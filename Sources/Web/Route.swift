internal import Accounts
internal import HTTP

/// An address of the site, what can be asked of it, and who may ask.
struct Route: Sendable {
    /// The pattern as it was written.
    let name: String
    let pattern: [Segment]
    let actions: [(method: Method, action: Action)]
    /// Whether its POST hashes a password, or takes the processor for long otherwise.
    let isSlow: Bool
    /// Whether all of it asks the labeling server behind the gate, and may wait for it.
    let asksLabelingServer: Bool
    /// Whether its POST brings a file, which makes it long and slow.
    let takesFile: Bool
    /// Whether it is for other hosts of ours, with sites; else it is not there.
    let isOfSiteHosts: Bool

    enum Segment: Sendable, Equatable {
        case literal(String)
        /// A positive number: an id.
        case number
        case anything
    }

    /// Who may enter stands here. There is no action without it.
    enum Action: Sendable {
        /// Anybody; the handler looks for itself whether somebody is logged in.
        case anyone(@Sendable (Site) -> (Visit) throws -> Response)
        /// Members with a session; others are led to the log-in page.
        case member(@Sendable (Site) -> (Visit, Visitor) throws -> Response)
        /// Owners of the organization with a session; other members get 403.
        case owner(@Sendable (Site) -> (Visit, Visitor) throws -> Response)
        /// Members with a token in a header or a session; others get 401.
        case caller(@Sendable (Site) -> (Visit, Requester) throws -> Response)
        /// Anybody; the handler is told who is calling, if somebody is. A session
        /// counts only in a request from a page of ours.
        case anyCaller(@Sendable (Site) -> (Visit, Requester?) throws -> Response)
        /// Callers who are owners; other members get 403 with this detail.
        case callingOwner(
            @Sendable (Site) -> (Visit, Requester) throws -> Response, refusal: String = APIFault.noRight)
    }

    /// - Parameter pattern: as in `/projects/#/edit`; `#` stands for a number,
    ///   `*` for any one segment.
    init(
        _ pattern: String, _ actions: (method: Method, action: Action)..., isSlow: Bool = false,
        asksLabelingServer: Bool = false, takesFile: Bool = false, isOfSiteHosts: Bool = false
    ) {
        name = pattern
        self.pattern = pattern.split(separator: "/").map { segment in
            switch segment {
            case "#": .number
            case "*": .anything
            default: .literal(String(segment))
            }
        }
        self.actions = actions
        self.isSlow = isSlow || takesFile
        self.asksLabelingServer = asksLabelingServer
        self.takesFile = takesFile
        self.isOfSiteHosts = isOfSiteHosts
    }

    struct Match {
        let route: Route
        /// Its place in the table.
        let index: Int
        let numbers: [Int64]
    }

    static func matching(_ path: Path) -> Match? {
        for index in table.indices {
            if let numbers = table[index].numbers(in: path) {
                return Match(route: table[index], index: index, numbers: numbers)
            }
        }
        return nil
    }

    /// Nil if the path is not of this route.
    private func numbers(in path: Path) -> [Int64]? {
        guard path.segments.count == pattern.count else { return nil }
        var numbers: [Int64] = []
        for (segment, expected) in zip(path.segments, pattern) {
            switch expected {
            case .literal(let literal):
                guard segment == literal else { return nil }
            case .anything: continue
            case .number:
                guard let number = Int64(segment), number > 0, "\(number)" == segment else { return nil }
                numbers.append(number)
            }
        }
        return numbers
    }

    /// The value of `Allow`.
    var allowed: String {
        var methods = actions.map(\.method.name)
        if methods.contains("GET") { methods.append("HEAD") }
        return (methods + ["OPTIONS"]).joined(separator: ", ")
    }
}

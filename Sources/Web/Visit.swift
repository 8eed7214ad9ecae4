internal import Accounts
internal import HTTP

/// One request on its way through the site: what was asked, under which
/// address, by whom.
final class Visit {
    let request: Request
    /// Who asks, as far as we believe it, as text; "" if not even the web server knows.
    let clientText: String
    let address: PublicAddress
    /// Below the prefix of the site, and where our own pages are below it; nil if it
    /// is no path of ours.
    let path: Path?
    /// What was before that path, after the prefix of the site.
    let mount: String
    /// Where those pages of ours are whose plain addresses may be somebody else's.
    let ownPages: String
    let rawQuery: Substring
    let query: Form
    /// If not, nothing is answered but that: an unreadable link is not no link.
    let hasReadableQuery: Bool
    /// Nil until it was looked up.
    var standing: Standing?
    /// Who is logged in by a cookie.
    var visitor: Visitor? { standing?.visitor }
    /// Who calls the API, by a token or a cookie.
    var callingMember: Member?
    /// Who is asking, for the log.
    var caller: User.ID? { (callingMember ?? visitor?.member)?.user.id }
    /// By what this request is found in the log; nil until somebody has to be told, if
    /// the web server has not named it.
    var reference: String?
    /// The place of the route in the table; nil if there is none, or not yet.
    var route: Int?
    /// The numbers in the path, in the order of the route's pattern.
    var numbers: [Int64] = []

    init(
        request: Request, client: String, address: PublicAddress, path: Path?, mount: String = "",
        ownPages: String = "", rawQuery: Substring
    ) {
        self.request = request
        reference = request.reference
        clientText = client
        self.address = address
        self.path = path
        self.mount = mount
        self.ownPages = ownPages
        self.rawQuery = rawQuery
        let query = Form(parsing: rawQuery)
        self.query = query ?? Form()
        hasReadableQuery = query != nil
    }

    /// The fields of the form that was sent. A body of another type has none:
    /// the form is then shown again with what is missing.
    ///
    /// - Throws: `UnreadableForm`
    var form: Form {
        get throws {
            guard case .complete(let bytes) = request.body else { return Form() }
            let type = request.header.contentType ?? ""
            if type.lowercased().hasPrefix("multipart/form-data") {
                guard let parts = Multipart(parsing: bytes, contentType: type), let form = Form(parts) else {
                    throw UnreadableForm()
                }
                return form
            }
            guard type.lowercased().hasPrefix("application/x-www-form-urlencoded") else { return Form() }
            guard let text = String(validating: bytes, as: UTF8.self), let form = Form(parsing: text[...])
            else { throw UnreadableForm() }
            return form
        }
    }

    /// What was sent as a form is none: malformed, not UTF-8, or too many fields.
    struct UnreadableForm: Error {}

    /// An address of ours, with the prefix of the site.
    func link(_ path: String) -> String {
        address.prefix + path
    }

    /// The address of our home page, our projects or our files, which a labeling server
    /// behind the gate has, too.
    func ownLink(_ path: String) -> String {
        address.prefix + ownPages + path
    }

    /// The path without the query: invite links have their token there.
    var loggedPath: String {
        guard let path else { return "(malformed)" }
        return "/" + path.segments.joined(separator: "/")
    }

    /// Whether errors are JSON; also below a path that is none of ours.
    var isAPI: Bool {
        if let path { return path.segments.first == "api" }
        return ["/api/", address.prefix + "/api/"].contains { request.target.utf8.starts(with: $0.utf8) }
    }
}

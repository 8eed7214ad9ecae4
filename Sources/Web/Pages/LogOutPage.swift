internal import Accounts
internal import HTTP
internal import Templates

extension Site {
    /// A link cannot log anybody out; the button on this page can.
    func showLogOut(_ visit: Visit) throws -> Response {
        var page = Page(
            .logOut, title: sentence(visit.visitor == nil ? .titleLoggedOut : .titleLogOut))
        page.values.add(visit.visitor == nil ? "ANONYMOUS" : "CONFIRM")
        return try render(page, visit)
    }

    func logOut(_ visit: Visit) throws -> Response {
        var response = redirect(to: visit.link("/"))
        if let visitor = visit.visitor {
            try accounts.logOut(visitor, from: client(of: visit))
            expireSessionCookie(in: &response, visit)
        }
        return response
    }
}

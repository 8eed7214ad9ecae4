internal import Accounts
internal import HTTP
internal import Templates

/// The way of a stranger into a site on another host of ours: that host gives his
/// browser a secret and sends it to the host with our pages; there he logs in if he
/// has to, and is sent back with a ticket, which becomes a cookie of that host.
extension Site {
    /// On another host: the beginning of the way, and its end.
    func enterSite(_ visit: Visit) throws -> Response {
        let next = Next.destination(visit)
        if visit.visitor != nil { return redirect(to: next) }
        guard let ticket = visit.query["ticket"] else { return fetchTicket(then: next, visit) }
        guard let browser = siteBrowser(visit) else { return refuseTicket(then: next, visit) }
        do {
            let session = try accounts.redeem(
                SecretToken(claimed: ticket), at: visit.address.host, by: SiteBrowser(secret: browser),
                from: client(of: visit))
            var response = redirect(to: next)
            addSessionCookie(session, to: &response, visit)
            return response
        } catch is Accounts.TicketRefused {
            return refuseTicket(then: next, visit)
        }
    }

    /// On another host, for what is not there: our pages are on the other one.
    func leadToPages(_ visit: Visit) -> Response {
        guard visit.request.method.isSafe, let path = visit.path, let pages = addresses.configured else {
            return errorPage(.notFound, visit)
        }
        let below = path.removing(prefix: Self.ownSegments).segments.map(PercentCoding.encodePath)
        return redirect(
            to: pages.origin + pages.prefix + ownPages + "/" + below.joined(separator: "/"))
    }

    /// On the host with our pages: whoever is logged in takes a ticket along.
    ///
    /// A page, and no redirect: a browser that has just sent the form of the log-in
    /// page would not follow one to another host (`form-action 'self'`).
    func makeTicket(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        guard let host = visit.query["host"].flatMap(addresses.siteHost),
            let browser = visit.query["browser"].flatMap(SiteBrowser.init(parsing:))
        else { return errorPage(.badRequest, visit) }
        let ticket = try accounts.makeTicket(
            to: host.host, for: browser, by: visitor, from: client(of: visit))
        let entrance = siteEntrance(host, next: visit.query["next"] ?? "/", ticket: ticket)
        var page = Page(.siteEntrance, title: sentence(.titleSiteEntrance))
        page.values.set("SITE_HOST", host.host)
        page.values.set("SITE_URL", entrance)
        var response = try render(page, visit)
        response.add("Refresh", "0; url=\(entrance)")
        return response
    }

    /// On the host with our pages: the ticket was too old, used, or another browser's.
    func showRefusedTicket(_ visit: Visit) throws -> Response {
        guard let host = visit.query["host"].flatMap(addresses.siteHost) else {
            return errorPage(.badRequest, visit)
        }
        var page = Page(.siteRefused, title: sentence(.titleSiteRefused), status: .forbidden)
        page.values.set("SITE_HOST", host.host)
        page.values.set("SITE_URL", siteEntrance(host, next: visit.query["next"] ?? "/"))
        return try render(page, visit)
    }

    private func fetchTicket(then next: String, _ visit: Visit) -> Response {
        let browser = siteBrowser(visit) ?? accounts.newBrowserSecret()
        let query = "&browser=\(SiteBrowser(secret: browser).text)"
        var response = redirect(to: ofPages("/-/accounts/site", query: query, then: next, visit))
        response.add(siteBrowserCookie(browser, visit))
        return response
    }

    private func refuseTicket(then next: String, _ visit: Visit) -> Response {
        note(.notice, "ticket-refused", visit, [("host", visit.address.host)])
        return redirect(to: ofPages("/-/accounts/site/refused", query: "", then: next, visit))
    }

    /// An address on the host with our pages, for a visit to another one.
    private func ofPages(_ path: String, query: String, then next: String, _ visit: Visit) -> String {
        let pages = addresses.configured ?? visit.address
        let host = PercentCoding.encode(visit.address.host)
        return "\(pages.origin)\(pages.prefix)\(path)?host=\(host)\(query)"
            + "&next=\(PercentCoding.encodeKeepingSlashes(next))"
    }

    private func siteEntrance(_ host: PublicAddress, next: String, ticket: SecretToken? = nil) -> String {
        let ticket = ticket.map { "ticket=\(PercentCoding.encode($0.text))&" } ?? ""
        return host.origin + Next.siteEntrance(ticket, then: next)
    }
}

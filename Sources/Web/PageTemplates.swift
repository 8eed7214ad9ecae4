public import Templates

/// The templates of all pages, read once, for the addresses that they are shown at.
public struct PageTemplates: Sendable {
    /// On the host with our pages.
    private let pages: TemplateDirectory
    /// On another host of ours, which has nothing of us below its root: errors.
    private let errorsOfSiteHosts: TemplateDirectory

    /// - Parameters:
    ///   - address: the public address, if it is set: only then is there a sub-path.
    ///   - assetsVersion: names the content of the static files; part of their addresses.
    ///   - isBesideLabelingServer: whether home, projects and files of ours have to
    ///     give way to those of a labeling server.
    public init(
        path: String, address: PublicAddress?, assetsVersion: String, isBesideLabelingServer: Bool = false
    ) throws(TemplateDirectory.Unusable) {
        let base = address?.prefix ?? ""
        let origin = address?.origin ?? ""
        let ownPages = Site.ownPages(isBesideLabelingServer)
        pages = try TemplateDirectory(
            path: path, pages: PageName.allCases.map(\.rawValue),
            constants: [
                "BASE": base, "OWN": base + ownPages, "COOKIE_PATH": base + "/",
                "ASSETS": "\(base)\(ownPages)/static/\(assetsVersion)",
            ])
        errorsOfSiteHosts = try TemplateDirectory(
            path: path, pages: [PageName.error.rawValue],
            constants: [
                "BASE": origin + base, "OWN": origin + base + ownPages,
                "COOKIE_PATH": Site.ownPages(true) + "/",
                "ASSETS": "\(Site.ownPages(true))/static/\(assetsVersion)",
            ])
    }

    func render(_ page: PageName, isSiteHost: Bool, _ layout: Values, _ values: Values) throws -> [UInt8] {
        let directory = isSiteHost ? errorsOfSiteHosts : pages
        return try directory.render(page: page.rawValue, layout, values)
    }
}

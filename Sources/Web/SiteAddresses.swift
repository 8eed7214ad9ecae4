internal import Accounts
internal import HTTP

/// The addresses that a project may open.
extension SiteAddress {
    enum Problem: Error {
        case tooLong, notAnAddress, foreignHost, ownPage
    }
}

extension Site {
    /// Reads what somebody wrote: a path on this host, or an address on one of ours.
    ///
    /// - Returns: nil if he wrote nothing.
    func siteAddress(
        parsing text: String, _ visit: Visit
    ) throws(SiteAddress.Problem) -> SiteAddress? {
        let text = trimmed(text)
        if text.isEmpty { return nil }
        // What browsers repair or skip would let an address change its meaning.
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") }) else {
            throw .notAnAddress
        }
        let encoded = PercentCoding.encodeNonASCII(bytes)
        guard encoded.utf8.count <= SiteAddress.limit else { throw .tooLong }
        if encoded.utf8.first == UInt8(ascii: "/") {
            return SiteAddress(checked: try pathOnThisHost(encoded, visit))
        }
        let (origin, rest) = try originAndRest(encoded)
        if origin == visit.address.origin {
            return SiteAddress(checked: try pathOnThisHost(rest, visit))
        }
        guard addresses.siteHosts.contains(where: { $0.origin == origin }) else { throw .foreignHost }
        guard path(rest) != nil else { throw .notAnAddress }
        return SiteAddress(checked: origin + rest)
    }

    /// Where a project leads; nil if it has no site, or the host is none of ours (any more).
    func siteURL(of project: Project, _ visit: Visit) -> String? {
        guard let stored = project.site?.text, let site = try? siteAddress(parsing: stored, visit) else {
            return nil
        }
        return site.text
    }

    /// What the field is for.
    var siteHint: String {
        addresses.siteHosts.isEmpty ? sentence(.siteHint) : sentence(.siteHintWithHosts, siteOrigins)
    }

    func words(for problem: SiteAddress.Problem, _ visit: Visit) -> String {
        switch problem {
        case .tooLong: sentence(.siteTooLong, "\(SiteAddress.limit)")
        case .notAnAddress:
            sentence(.siteNotAnAddress, (addresses.siteHosts.first ?? visit.address).origin)
        case .foreignHost where addresses.siteHosts.isEmpty: sentence(.siteForeignHostWithoutHosts)
        case .foreignHost: sentence(.siteForeignHost, siteOrigins)
        case .ownPage: sentence(.siteOwnPage)
        }
    }

    private var siteOrigins: String {
        addresses.siteHosts.map(\.origin).joined(separator: ", ")
    }

    private func pathOnThisHost(_ text: String, _ visit: Visit) throws(SiteAddress.Problem) -> String {
        guard let path = path(text) else { throw .notAnAddress }
        if isOurs(path, visit.address) { throw .ownPage }
        return text
    }

    /// The path of an address without its host; its query and fragment may be anything.
    private func path(_ text: String) -> Path? {
        let end = text.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        return Path(parsing: text[..<(end ?? text.endIndex)])
    }

    private func originAndRest(_ text: String) throws(SiteAddress.Problem) -> (String, rest: String) {
        let lowered = text.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lowered.hasPrefix) else {
            throw .notAnAddress
        }
        let afterScheme = text.utf8.dropFirst(scheme.utf8.count)
        let end = afterScheme.firstIndex {
            $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#")
        }
        let host = String(Substring(afterScheme[..<(end ?? afterScheme.endIndex)]))
        guard let address = PublicAddress(parsing: scheme + host) else { throw .notAnAddress }
        let rest = String(Substring(afterScheme[(end ?? afterScheme.endIndex)...]))
        return (address.origin, rest.utf8.first == UInt8(ascii: "/") ? rest : "/" + rest)
    }

    /// Whether a path on the host with our pages is for us to answer.
    private func isOurs(_ path: Path, _ address: PublicAddress) -> Bool {
        guard path.segments.starts(with: address.prefixSegments) else { return false }
        guard let first = path.segments.dropFirst(address.prefixSegments.count).first else {
            return ownPages.isEmpty
        }
        if !ownPages.isEmpty, Route.shared.contains(first) { return false }
        return Route.firstSegments.contains(first)
    }
}

extension Route {
    /// What a labeling server behind the gate has below these, if there is one.
    fileprivate static let shared: Set<String> = ["projects", "static", "data"]

    /// What the paths below which our pages and files are begin with.
    fileprivate static let firstSegments: Set<String> = {
        let literals = table.compactMap { route -> String? in
            guard case .literal(let literal) = route.pattern.first else { return nil }
            return literal
        }
        return Set(literals + ["static", "data", "favicon.ico", "label-studio-error", "label-studio-gate"])
    }()
}

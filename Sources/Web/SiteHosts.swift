/// Other hosts of ours: each has a site behind the gate, a cookie of its own, and
/// none of our pages. They are reached by the scheme of the host with our pages.
extension PublicAddress {
    func siteHosts(named names: [String]) -> [PublicAddress] {
        names.map {
            PublicAddress(isSecure: isSecure, host: $0, prefixSegments: [], isSiteHost: true)
        }
    }

    /// Why these cannot be other hosts of ours beside this one; nil if they can.
    public func refusal(ofSiteHosts names: [String]) -> String? {
        var known: [String: String] = [hostName: "the host of LABEL_STUDIO_HOST"]
        for site in siteHosts(named: names) {
            if let other = known.updateValue(site.host, forKey: site.hostName) {
                return "\(site.host) has the name of \(other), and browsers send the cookies of a name to "
                    + "all its ports; give each host a name of its own"
            }
        }
        return nil
    }
}

extension Addresses {
    /// The other host of ours that has this name, with its port.
    func siteHost(_ name: String) -> PublicAddress? {
        guard let configured else { return nil }
        let address = PublicAddress(isSecure: configured.isSecure, host: name, prefixSegments: [])
        return siteHosts.first { $0.host == address.host }
    }
}

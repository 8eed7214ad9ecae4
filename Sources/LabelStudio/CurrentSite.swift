internal import Threads
internal import Web

/// The site that answers; a reload puts another one in its place. Requests in
/// progress stay with the one that they began with.
final class CurrentSite: Sendable {
    private let site: Locked<Site>

    init(_ site: Site) {
        self.site = Locked(site)
    }

    var value: Site { site.withLock { $0 } }

    func replace(by next: Site) {
        site.withLock { $0 = next }
    }
}

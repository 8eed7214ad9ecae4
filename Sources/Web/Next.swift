internal import HTTP

/// Where a visitor goes after logging in: the parameter `next`, as far as it
/// leads to a page of ours (ASVS 5.0, 3.7.2).
enum Next {
    /// A path of ours, encoded; home if `next` is anything else.
    static func destination(_ visit: Visit) -> String {
        let home = visit.link("/")
        guard let next = visit.query["next"], let path = ownPath(next, visit.address) else { return home }
        return path
    }

    /// The address of this page, to come back to.
    static func here(_ visit: Visit) -> String {
        guard let path = visit.path else { return visit.link("/") }
        let slash = path.hasTrailingSlash || path.segments.isEmpty ? "/" : ""
        let encoded = path.segments.map { "/" + PercentCoding.encodePath($0) }.joined() + slash
        return visit.link(visit.rawQuery.isEmpty ? encoded : "\(encoded)?\(visit.rawQuery)")
    }

    private static func ownPath(_ next: String, _ address: PublicAddress) -> String? {
        // What browsers repair or skip would let an address change its meaning.
        let isPlain = next.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7f && $0 != "\\" }
        guard isPlain else { return nil }
        let path =
            next.lowercased().hasPrefix(address.origin + "/")
            ? next.dropFirst(address.origin.utf8.count) : next[...]
        guard path.hasPrefix("/"), !path.hasPrefix("//") else { return nil }
        let prefix = address.prefix
        guard path == prefix || path.hasPrefix(prefix + "/") || path.hasPrefix(prefix + "?") else {
            return nil
        }
        return String(path.unicodeScalars.map(encoded).joined())
    }

    /// Beyond ASCII a header cannot go.
    private static func encoded(_ scalar: Unicode.Scalar) -> String {
        scalar.isASCII ? String(scalar) : PercentCoding.encode(String(scalar))
    }
}

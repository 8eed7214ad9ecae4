internal import HTTP

/// Where a visitor goes after logging in: the parameter `next`, as far as it
/// leads to a page of ours, or of a guarded site on our host (ASVS 5.0, 3.7.2).
enum Next {
    /// A path of our origin, encoded; home if `next` is anything else.
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
        return visit.link(visit.mount + (visit.rawQuery.isEmpty ? encoded : "\(encoded)?\(visit.rawQuery)"))
    }

    /// The way to the log-in page and back.
    static func logIn(_ visit: Visit, then here: String) -> String {
        visit.link("/user/login/?next=\(PercentCoding.encodeKeepingSlashes(here))")
    }

    /// The way into a site on another host of ours and back, as a path there.
    ///
    /// - Parameter ticket: a parameter with an `&` at its end, or "".
    static func siteEntrance(_ ticket: String = "", then here: String) -> String {
        // Encoded three times on its way, it still has to fit in a line of a request.
        let next = here.utf8.count <= 2_000 ? here : "/"
        return "/-/accounts/ticket?\(ticket)next=\(PercentCoding.encodeKeepingSlashes(next))"
    }

    private static func ownPath(_ next: String, _ address: PublicAddress) -> String? {
        // By bytes, as browsers read it: to Swift, a slash and a combining mark
        // are one character.
        var bytes = Array(next.utf8)
        let origin = Array(address.origin.utf8)
        if bytes.prefix(origin.count).map(lowercased) == origin { bytes.removeFirst(origin.count) }
        // What browsers repair or skip would let an address change its meaning.
        guard bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") }) else { return nil }
        let encoded = PercentCoding.encodeNonASCII(bytes)
        // What is after "#" browsers keep for themselves.
        let asked = String(encoded.prefix { $0 != "#" })
        guard let path = Target(parsing: asked).path, address.isSessionSent(to: path) else { return nil }
        return encoded
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
    }
}

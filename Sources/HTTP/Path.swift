/// The path of a request, split at its slashes and decoded.
public struct Path: Sendable, Hashable {
    /// The segments between slashes; the root has none. A trailing slash adds
    /// none: every address works with and without it.
    public let segments: [String]
    public let hasTrailingSlash: Bool

    /// Nil if it does not begin with one slash, holds an empty segment, `.` or
    /// `..`, a control character, an encoded slash or anything but UTF-8: no
    /// address of ours looks like that, and web servers disagree about what it
    /// means.
    public init?(parsing text: Substring) {
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        var parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        hasTrailingSlash = parts.last == ""
        if hasTrailingSlash { parts.removeLast() }
        var segments: [String] = []
        for part in parts {
            guard let segment = PercentCoding.decode(part, plusIsSpace: false) else { return nil }
            let isPlain = segment.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "/") }
            guard isPlain, segment != "", segment != ".", segment != ".." else { return nil }
            segments.append(segment)
        }
        self.segments = segments
    }

    private init(segments: [String], hasTrailingSlash: Bool) {
        self.segments = segments
        self.hasTrailingSlash = hasTrailingSlash
    }

    /// The path below `prefix`; the path itself if it does not begin with it,
    /// since a proxy may have removed it already.
    public func removing(prefix: [String]) -> Path {
        guard !prefix.isEmpty, segments.starts(with: prefix) else { return self }
        return Path(segments: Array(segments.dropFirst(prefix.count)), hasTrailingSlash: hasTrailingSlash)
    }
}

/// A request target: path and query.
public struct Target: Sendable {
    /// Nil: see `Path`.
    public let path: Path?
    /// The query as it was sent, without the question mark; "" if there is none.
    public let query: Substring

    public init(parsing target: String) {
        let target = target[...]
        let question = target.firstIndex(of: "?")
        path = Path(parsing: target[..<(question ?? target.endIndex)])
        query = question.map { target[target.index(after: $0)...] } ?? ""
    }
}

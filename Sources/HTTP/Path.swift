/// The path of a request, split at its slashes and decoded.
public struct Path: Sendable, Hashable {
    /// The segments between slashes; the root has none. A trailing slash adds
    /// none: every address works with and without it.
    public let segments: [String]
    public let hasTrailingSlash: Bool

    /// Nil if it does not begin with one slash, holds an empty segment, `.` or
    /// `..`, a control character, an encoded slash, a plain `#` or anything but
    /// UTF-8: no address of ours looks like that, and web servers disagree about
    /// what it means.
    public init?(parsing text: Substring) {
        let bytes = text.utf8Span.span
        guard bytes.count > 0, bytes[0] == UInt8(ascii: "/") else { return nil }
        var segments: [String] = []
        segments.reserveCapacity(4)
        var start = 1
        for index in 1..<bytes.count + 1 where index == bytes.count || bytes[index] == UInt8(ascii: "/") {
            if index == bytes.count, start == index { break }
            guard let segment = Self.segment(bytes.extracting(start..<index)) else { return nil }
            segments.append(segment)
            start = index + 1
        }
        hasTrailingSlash = bytes[bytes.count - 1] == UInt8(ascii: "/")
        self.segments = segments
    }

    private static func segment(_ encoded: Span<UInt8>) -> String? {
        for index in encoded.indices where encoded[index] == UInt8(ascii: "#") { return nil }
        guard let segment = PercentCoding.decode(encoded, plusIsSpace: false) else { return nil }
        let bytes = segment.utf8Span.span
        var hasOnlyDots = true
        for index in bytes.indices {
            let byte = bytes[index]
            if byte < 0x20 || byte == 0x7f || byte == UInt8(ascii: "/") { return nil }
            if byte != UInt8(ascii: ".") { hasOnlyDots = false }
        }
        return hasOnlyDots && bytes.count <= 2 ? nil : segment
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
        let bytes = target.utf8Span.span
        var length = 0
        while length < bytes.count, bytes[length] != UInt8(ascii: "?") { length += 1 }
        let question = target.utf8.index(target.startIndex, offsetBy: length)
        path = Path(parsing: target[..<question])
        query = question == target.endIndex ? "" : Substring(target.utf8[question...].dropFirst())
    }
}

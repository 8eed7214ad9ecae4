internal import CQRCode

/// A text as a picture that cameras read: a square of dark and light modules
/// (ISO/IEC 18004), by libqrencode, which keeps nothing between two calls.
public struct QRCode: Sendable {
    /// Light modules around it, without which cameras do not find it.
    public static let margin = 4

    /// Modules, without the margin.
    public let size: Int
    private let isDark: [Bool]

    /// With a correction that stands 15 % of damage: a screen is not crumpled,
    /// and a smaller code is read from further away.
    ///
    /// - Returns: nil if the text is too long: more than 2,331 bytes of UTF-8.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty,
            let code = unsafe QRcode_encodeData(CInt(clamping: bytes.count), bytes, 0, QR_ECLEVEL_M)
        else { return nil }
        defer { unsafe QRcode_free(code) }
        let size = unsafe Int(code.pointee.width)
        // The lowest bit of each byte is the colour.
        isDark = unsafe UnsafeBufferPointer(start: code.pointee.data, count: size * size).map { $0 & 1 == 1 }
        self.size = size
    }

    /// - Returns: whether the module is dark; all are light beyond the edges.
    public func isDark(column: Int, row: Int) -> Bool {
        (0..<size).contains(column) && (0..<size).contains(row) && isDark[row * size + column]
    }

    /// Units of `path` from edge to edge, margins included.
    public var side: Int { size + 2 * Self.margin }

    /// The dark modules as the data of an SVG path to be drawn with a line one
    /// unit wide, a stroke for each run of them in a row.
    public var path: String {
        var data = ""
        for row in 0..<size {
            var end: Int?
            var column = 0
            while column < size {
                guard isDark(column: column, row: row) else {
                    column += 1
                    continue
                }
                let start = column
                while isDark(column: column, row: row) { column += 1 }
                if let end {
                    data += "m\(start - end) 0"
                } else {
                    data += "M\(start + Self.margin) \(row + Self.margin).5"
                }
                data += "h\(column - start)"
                end = column
            }
        }
        return data
    }
}

/// What the beginning of a file says of the picture in it. Nothing is decoded.
struct PictureHeader {
    let size: PictureSize
    let orientation: Orientation

    /// Nil if it makes no sense.
    init?(_ file: ArraySlice<UInt8>, _ kind: PictureKind) {
        let bytes = Bytes(file)
        var orientation = Orientation.upright
        let size: PictureSize?
        switch kind {
        case .png: size = Self.png(bytes)
        case .gif: size = Self.gif(bytes)
        case .webP: size = Self.webP(bytes)
        case .jpeg:
            let header = JPEGHeader(bytes)
            size = header?.size
            orientation = header?.orientation ?? .upright
        }
        guard let size, size.width > 0, size.height > 0 else { return nil }
        self.size = size
        self.orientation = orientation
    }

    /// IHDR comes first (PNG, 11.2.1).
    private static func png(_ bytes: Bytes) -> PictureSize? {
        guard bytes.holds("IHDR", at: 12), let width = bytes.big32(16), let height = bytes.big32(20) else {
            return nil
        }
        return PictureSize(width: width, height: height)
    }

    /// The size of the first frame: libgd decodes that (GIF89a, 18 and 20). It
    /// has to lie on the screen that the header describes.
    private static func gif(_ bytes: Bytes) -> PictureSize? {
        guard let screenWidth = bytes.little16(6), let screenHeight = bytes.little16(8),
            let flags = bytes[10]
        else { return nil }
        var position = 13 + tableLength(flags)
        while bytes[position] == extensionIntroducer {
            guard let end = endOfBlocks(bytes, position + 2) else { return nil }
            position = end
        }
        guard bytes[position] == imageSeparator, let left = bytes.little16(position + 1),
            let top = bytes.little16(position + 3), let width = bytes.little16(position + 5),
            let height = bytes.little16(position + 7), let flags = bytes[position + 9],
            left + width <= screenWidth, top + height <= screenHeight,
            // libgd would make up what is missing at the end.
            endOfBlocks(bytes, position + 11 + tableLength(flags)) != nil
        else { return nil }
        return PictureSize(width: width, height: height)
    }

    /// Goes over blocks of up to 255 bytes, the last of which is empty.
    private static func endOfBlocks(_ bytes: Bytes, _ start: Int) -> Int? {
        var position = start
        while let length = bytes[position] {
            position += 1 + Int(length)
            if length == 0 { return position }
        }
        return nil
    }

    private static let extensionIntroducer: UInt8 = 0x21
    private static let imageSeparator: UInt8 = 0x2c

    /// Bytes of a table of colours.
    private static func tableLength(_ flags: UInt8) -> Int {
        flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1)
    }

    /// RFC 9649, 2.5 to 2.7.
    private static func webP(_ bytes: Bytes) -> PictureSize? {
        if bytes.holds("VP8 ", at: 12) {
            // RFC 6386, 9.1: a key frame, its start code, and 14 bits of each.
            guard let first = bytes[20], first & 1 == 0, bytes[23] == 0x9d, bytes[24] == 0x01,
                bytes[25] == 0x2a, let width = bytes.little16(26), let height = bytes.little16(28)
            else { return nil }
            return PictureSize(width: width & 0x3fff, height: height & 0x3fff)
        }
        if bytes.holds("VP8L", at: 12) {
            guard bytes[20] == 0x2f, let low = bytes.little16(21), let high = bytes.little16(23) else {
                return nil
            }
            let bits = high << 16 | low
            return PictureSize(width: (bits & 0x3fff) + 1, height: (bits >> 14 & 0x3fff) + 1)
        }
        guard bytes.holds("VP8X", at: 12), let width = bytes.little24(24), let height = bytes.little24(27)
        else { return nil }
        return PictureSize(width: width + 1, height: height + 1)
    }
}

/// The bytes of a file from 0 on; nil where there are none.
struct Bytes {
    private let content: ArraySlice<UInt8>

    init(_ content: ArraySlice<UInt8>) {
        self.content = content
    }

    var count: Int { content.count }

    subscript(index: Int) -> UInt8? {
        (0..<content.count).contains(index) ? content[content.startIndex + index] : nil
    }

    /// Nil if it does not lie within the file.
    subscript(range: Range<Int>) -> ArraySlice<UInt8>? {
        guard range.lowerBound >= 0, range.upperBound <= content.count else { return nil }
        return content[content.startIndex + range.lowerBound..<content.startIndex + range.upperBound]
    }

    func big16(_ index: Int) -> Int? {
        guard let high = self[index], let low = self[index + 1] else { return nil }
        return Int(high) << 8 | Int(low)
    }

    func big32(_ index: Int) -> Int? {
        guard let high = big16(index), let low = big16(index + 2) else { return nil }
        return high << 16 | low
    }

    func little16(_ index: Int) -> Int? {
        big16(index).map { ($0 & 0xff) << 8 | $0 >> 8 }
    }

    func little24(_ index: Int) -> Int? {
        guard let low = little16(index), let high = self[index + 2] else { return nil }
        return Int(high) << 16 | low
    }

    func little32(_ index: Int) -> Int? {
        guard let low = little16(index), let high = little16(index + 2) else { return nil }
        return high << 16 | low
    }

    func holds(_ text: StaticString, at index: Int) -> Bool {
        content.dropFirst(index).starts(with: text.description.utf8)
    }
}

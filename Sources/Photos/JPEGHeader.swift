/// The segments of a JPEG file (ITU-T T.81, annex B), without decoding any.
struct JPEGHeader {
    let size: PictureSize
    let orientation: Orientation

    /// How often a picture may be gone over. Each time costs the decoder about
    /// the same, however short what is said; cameras and editors need some ten.
    private static let scanLimit = 64

    /// Nil if there is no picture, one without an end, or one that is described
    /// twice or gone over too often.
    init?(_ bytes: Bytes) {
        var size: PictureSize?
        var orientation: Orientation?
        var scans = 0
        var position = 2
        while true {
            guard let (marker, start) = Self.marker(bytes, position) else { return nil }
            if marker == Self.endOfImage { break }
            if Self.standsAlone(marker) {
                position = start
                continue
            }
            guard let length = bytes.big16(start), length >= 2 else { return nil }
            if Self.isFrame(marker) {
                guard size == nil, let height = bytes.big16(start + 3), let width = bytes.big16(start + 5)
                else { return nil }
                size = PictureSize(width: width, height: height)
            } else if marker == Self.startOfScan {
                scans += 1
                guard scans <= Self.scanLimit else { return nil }
            } else if marker == Self.application1, orientation == nil {
                orientation = Orientation(exif: bytes, at: start + 2)
            }
            position = start + length
        }
        guard let size else { return nil }
        self.size = size
        self.orientation = orientation ?? .upright
    }

    private static let startOfScan: UInt8 = 0xda
    private static let endOfImage: UInt8 = 0xd9
    private static let application1: UInt8 = 0xe1

    /// The next marker and where what belongs to it begins; nil if there is none.
    private static func marker(_ bytes: Bytes, _ position: Int) -> (UInt8, Int)? {
        var position = position
        while let byte = bytes[position] {
            position += 1
            // Within a scan, FF 00 is a byte of it.
            guard byte == 0xff, let code = bytes[position], code != 0, code != 0xff else { continue }
            return (code, position + 1)
        }
        return nil
    }

    private static func isFrame(_ marker: UInt8) -> Bool {
        // SOF0 to SOF15; between them are DHT, JPG and DAC.
        (0xc0...0xcf).contains(marker) && marker != 0xc4 && marker != 0xc8 && marker != 0xcc
    }

    /// RST0 to RST7, SOI, TEM.
    private static func standsAlone(_ marker: UInt8) -> Bool {
        (0xd0...0xd8).contains(marker) || marker == 0x01
    }
}

/// How a stored picture has to be turned to be upright, since the camera was
/// held otherwise; the numbers are those of Exif (4.6.4, tag 274).
enum Orientation: Int, Sendable {
    case upright = 1
    case mirrored, upsideDown, mirroredUpsideDown
    case mirroredRightwards, rightwards, mirroredLeftwards, leftwards

    /// Whether width and height change places.
    var isTurned: Bool { rawValue >= Self.mirroredRightwards.rawValue }

    /// Reads the segment of Exif that begins there; nil if it says nothing.
    init?(exif bytes: Bytes, at start: Int) {
        guard bytes.holds("Exif", at: start) else { return nil }
        let file = start + 6
        let isLittle = bytes.holds("II", at: file)
        guard isLittle || bytes.holds("MM", at: file),
            let offset = isLittle ? bytes.little32(file + 4) : bytes.big32(file + 4)
        else { return nil }
        let directory = file + offset
        guard let count = isLittle ? bytes.little16(directory) : bytes.big16(directory) else { return nil }
        for entry in 0..<count {
            let field = directory + 2 + 12 * entry
            guard let tag = isLittle ? bytes.little16(field) : bytes.big16(field) else { return nil }
            guard tag == Self.tag else { continue }
            guard let value = isLittle ? bytes.little16(field + 8) : bytes.big16(field + 8) else {
                return nil
            }
            self.init(rawValue: value)
            return
        }
        return nil
    }

    private static let tag = 274

    /// Which pixel of the stored picture, of this size, stands at a place of
    /// the picture as it was seen.
    func source(x: Int, y: Int, in size: PictureSize) -> (x: Int, y: Int) {
        let (right, bottom) = (size.width - 1, size.height - 1)
        return switch self {
        case .upright: (x, y)
        case .mirrored: (right - x, y)
        case .upsideDown: (right - x, bottom - y)
        case .mirroredUpsideDown: (x, bottom - y)
        case .mirroredRightwards: (y, x)
        case .rightwards: (y, bottom - x)
        case .mirroredLeftwards: (right - y, bottom - x)
        case .leftwards: (right - y, x)
        }
    }
}

/// The chunks of a PNG file (PNG, 5), of which the decoder gets to see those
/// that hold the picture: the others can be large when they are unpacked, and
/// libpng writes about their faults to standard error.
enum PNGFile {
    static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

    /// The file without what is not needed; nil if it is cut off or damaged.
    static func reduced(_ file: ArraySlice<UInt8>) -> [UInt8]? {
        let bytes = Bytes(file)
        var reduced: [UInt8] = []
        reduced.reserveCapacity(file.count)
        reduced += signature
        var position = signature.count
        while let length = bytes.big32(position), let chunk = bytes[position..<position + length + 12] {
            position += length + 12
            guard let type = Chunk(chunk) else { continue }
            guard Bytes(chunk).big32(length + 8) == Int(crc(chunk.dropFirst(4).dropLast(4))) else {
                return nil
            }
            reduced += chunk
            if type == .end { return reduced }
        }
        return nil
    }

    /// The chunks that are kept.
    private enum Chunk: String, CaseIterable {
        case header = "IHDR"
        case palette = "PLTE"
        case transparency = "tRNS"
        case data = "IDAT"
        case end = "IEND"

        init?(_ chunk: ArraySlice<UInt8>) {
            let type = Self.allCases.first { chunk.dropFirst(4).prefix(4).elementsEqual($0.rawValue.utf8) }
            guard let type else { return nil }
            self = type
        }
    }

    /// CRC-32 (PNG, annex D).
    private static func crc(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes { crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8 }
        return ~crc
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? 0xedb8_8320 ^ crc >> 1 : crc >> 1 }
    }
}

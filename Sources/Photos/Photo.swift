/// A photo of a person, made anew from a file that somebody sent: nothing of
/// that file is in it but what can be seen.
public struct Photo: Sendable {
    /// Bytes of a file that is read.
    public static let fileLimit = 1_048_576
    /// Pixels of its longer side.
    public static let sideLimit = 1200
    /// Pixels of our longer side: pages show photos small.
    public static let side = 512

    public let format: Format
    /// The content of our file.
    public let bytes: [UInt8]

    /// What our files are.
    public enum Format: String, Sendable, CaseIterable {
        case png, jpeg = "jpg"
    }

    /// Why a file becomes no photo.
    public enum Fault: Error, Sendable {
        /// More bytes than the limit.
        case tooLong
        /// Neither PNG nor JPEG, GIF or WebP, whatever it is called.
        case unknownFormat
        /// More pixels than the limit.
        case tooLarge
        /// It ends too early, or makes no sense.
        case broken
    }

    /// - Parameter file: the whole of it. Its name and what it is said to be do
    ///   not matter.
    public init(_ file: ArraySlice<UInt8>) throws(Fault) {
        guard file.count <= Self.fileLimit else { throw .tooLong }
        guard let kind = PictureKind(file) else { throw .unknownFormat }
        guard let header = PictureHeader(file, kind) else { throw .broken }
        // Before anything is decoded: a small file can hold a large picture.
        guard header.size.longerSide <= Self.sideLimit else { throw .tooLarge }
        guard let needed = kind == .png ? PNGFile.reduced(file)?[...] : file,
            let picture = Picture.decode(needed, kind), picture.size == header.size,
            let scaled = picture.scaled(fitting: Self.side),
            let upright = scaled.turned(header.orientation), let (format, bytes) = upright.encoded()
        else { throw .broken }
        self.format = format
        self.bytes = bytes
    }
}

/// The kinds of pictures that are read.
enum PictureKind: Sendable, CaseIterable {
    case png, jpeg, gif, webP

    /// Told by the first bytes; nil if it is none of them.
    init?(_ file: ArraySlice<UInt8>) {
        func holds(_ text: StaticString, at offset: Int = 0) -> Bool {
            file.dropFirst(offset).starts(with: text.description.utf8)
        }
        if file.starts(with: PNGFile.signature) {
            self = .png
        } else if file.starts(with: [0xff, 0xd8, 0xff]) {
            self = .jpeg
        } else if holds("GIF87a") || holds("GIF89a") {
            self = .gif
        } else if holds("RIFF"), holds("WEBP", at: 8) {
            self = .webP
        } else {
            return nil
        }
    }
}

struct PictureSize: Sendable, Equatable {
    let width: Int
    let height: Int

    var longerSide: Int { max(width, height) }

    /// Scaled so that the longer side has no more than so many pixels.
    func fitting(_ side: Int) -> PictureSize {
        guard longerSide > side else { return self }
        return PictureSize(
            width: max(1, (width * side + longerSide / 2) / longerSide),
            height: max(1, (height * side + longerSide / 2) / longerSide))
    }
}

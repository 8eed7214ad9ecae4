internal import CGD

/// A decoded picture: owns a `gdImage` with a colour and an opacity for each
/// pixel.
@safe
struct Picture: ~Copyable {
    private let image: gdImagePtr

    private init(_ image: gdImagePtr) {
        unsafe self.image = unsafe image
    }

    /// Without warnings on standard error: libgd keeps this setting for the
    /// whole process.
    private static let isSilent: Void = unsafe gdSetErrorMethod { _, _, _ in }

    /// `gdImageCreateFrom…Ptr`; nil if it cannot be decoded. The size is to be
    /// checked before.
    static func decode(_ file: ArraySlice<UInt8>, _ kind: PictureKind) -> Picture? {
        isSilent
        let decoded = unsafe file.withUnsafeBytes { bytes -> gdImagePtr? in
            // The decoders only read.
            let start = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            let count = Int32(bytes.count)
            return switch kind {
            case .png: unsafe gdImageCreateFromPngPtr(count, start)
            case .jpeg: unsafe gdImageCreateFromJpegPtrEx(count, start, 1)
            case .gif: unsafe gdImageCreateFromGifPtr(count, start)
            case .webP: unsafe gdImageCreateFromWebpPtr(count, start)
            }
        }
        guard let decoded = unsafe decoded else { return nil }
        guard unsafe gdImagePaletteToTrueColor(decoded) != 0 else {
            unsafe gdImageDestroy(decoded)
            return nil
        }
        return unsafe Picture(decoded)
    }

    /// `gdImageCreateTrueColor`; nil if there is no memory for it.
    private static func blank(_ size: PictureSize) -> Picture? {
        guard let image = unsafe gdImageCreateTrueColor(Int32(size.width), Int32(size.height)) else {
            return nil
        }
        // Pixels replace what was there, transparent ones too.
        unsafe gdImageAlphaBlending(image, 0)
        return unsafe Picture(image)
    }

    /// `gdImageCopyResampled`: scaled down so that the longer side fits; nil if
    /// there is no memory for it.
    func scaled(fitting side: Int) -> Picture? {
        let small = size.fitting(side)
        guard let scaled = Self.blank(small) else { return nil }
        unsafe gdImageCopyResampled(
            scaled.image, image, 0, 0, 0, 0, Int32(small.width), Int32(small.height), Int32(size.width),
            Int32(size.height))
        return scaled
    }

    /// As it was seen; nil if there is no memory for it.
    consuming func turned(_ orientation: Orientation) -> Picture? {
        if orientation == .upright { return self }
        let turnedSize =
            orientation.isTurned ? PictureSize(width: size.height, height: size.width) : size
        guard let turned = Self.blank(turnedSize) else { return nil }
        for y in 0..<turnedSize.height {
            for x in 0..<turnedSize.width {
                let source = orientation.source(x: x, y: y, in: size)
                unsafe gdImageSetPixel(turned.image, Int32(x), Int32(y), pixel(source.x, source.y))
            }
        }
        return turned
    }

    deinit {
        unsafe gdImageDestroy(image)
    }

    var size: PictureSize {
        unsafe PictureSize(width: Int(image.pointee.sx), height: Int(image.pointee.sy))
    }

    /// A file of it: JPEG, or PNG if something shines through; nil if there is
    /// no memory for it.
    func encoded() -> (Photo.Format, [UInt8])? {
        var count: Int32 = 0
        let isOpaque = isOpaque
        unsafe gdImageSaveAlpha(image, isOpaque ? 0 : 1)
        let file =
            isOpaque
            ? unsafe gdImageJpegPtr(image, &count, Self.jpegQuality)
            : unsafe gdImagePngPtr(image, &count)
        guard let file = unsafe file else { return nil }
        defer { unsafe gdFree(file) }
        return (
            isOpaque ? .jpeg : .png, unsafe [UInt8](UnsafeRawBufferPointer(start: file, count: Int(count)))
        )
    }

    /// Of 100. Above it files grow faster than eyes can tell.
    private static let jpegQuality: Int32 = 85

    private var isOpaque: Bool {
        for y in 0..<size.height {
            // The highest byte is 0 for what is opaque, and 127 at most.
            for x in 0..<size.width where pixel(x, y) >> 24 != 0 { return false }
        }
        return true
    }

    private func pixel(_ x: Int, _ y: Int) -> Int32 {
        unsafe gdImageGetTrueColorPixel(image, Int32(x), Int32(y))
    }
}

import CGD
import Photos

/// Files of pictures, made by libgd.
enum PictureFile: String, CaseIterable, Sendable {
    case png, palettePNG, jpeg, progressiveJPEG, gif, webP

    /// A colour of red, green and blue.
    typealias Colour = (red: Int32, green: Int32, blue: Int32)

    static let left: Colour = (200, 30, 30)
    static let right: Colour = (30, 30, 200)

    /// Two halves, of the colours above.
    ///
    /// - Parameter isOpaque: if not, the right half is transparent.
    func make(_ width: Int, _ height: Int, isOpaque: Bool = true) -> [UInt8] {
        let hasPalette = self == .palettePNG || self == .gif
        let image =
            unsafe hasPalette
            ? gdImageCreate(Int32(width), Int32(height))!
            : gdImageCreateTrueColor(Int32(width), Int32(height))!
        defer { unsafe gdImageDestroy(image) }
        unsafe gdImageAlphaBlending(image, 0)
        unsafe gdImageSaveAlpha(image, 1)
        let left = unsafe gdImageColorAllocateAlpha(image, Self.left.red, Self.left.green, Self.left.blue, 0)
        let right = unsafe gdImageColorAllocateAlpha(
            image, Self.right.red, Self.right.green, Self.right.blue, isOpaque ? 0 : gdAlphaTransparent)
        if !isOpaque, hasPalette { unsafe gdImageColorTransparent(image, right) }
        unsafe gdImageFilledRectangle(image, 0, 0, Int32(width) / 2 - 1, Int32(height) - 1, left)
        unsafe gdImageFilledRectangle(
            image, Int32(width) / 2, 0, Int32(width) - 1, Int32(height) - 1, right)
        if self == .progressiveJPEG { unsafe gdImageInterlace(image, 1) }
        var count: Int32 = 0
        let file =
            switch self {
            case .png, .palettePNG: unsafe gdImagePngPtr(image, &count)
            case .jpeg, .progressiveJPEG: unsafe gdImageJpegPtr(image, &count, 90)
            case .gif: unsafe gdImageGifPtr(image, &count)
            case .webP: unsafe gdImageWebpPtr(image, &count)
            }
        defer { unsafe gdFree(file) }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: file, count: Int(count)))
    }
}

extension Photo {
    /// The pixels of our own file, decoded again: the size, and the colours at
    /// some places.
    func look<Result>(_ body: (_ width: Int, _ height: Int, _ pixel: (Int, Int) -> Int32) -> Result) -> Result
    {
        var bytes = bytes
        let image = unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe format == .png
                ? gdImageCreateFromPngPtr(Int32(bytes.count), bytes.baseAddress)!
                : gdImageCreateFromJpegPtr(Int32(bytes.count), bytes.baseAddress)!
        }
        defer { unsafe gdImageDestroy(image) }
        return unsafe body(Int(image.pointee.sx), Int(image.pointee.sy)) {
            unsafe gdImageGetTrueColorPixel(image, Int32($0), Int32($1))
        }
    }

    var side: (width: Int, height: Int) { look { width, height, _ in (width, height) } }
}

/// Whether a colour is about that one: JPEG changes it a little.
func isAbout(_ pixel: Int32, _ colour: PictureFile.Colour) -> Bool {
    let parts = [
        (pixel >> 16 & 255, colour.red), (pixel >> 8 & 255, colour.green), (pixel & 255, colour.blue),
    ]
    return parts.allSatisfy { abs($0 - $1) < 30 }
}

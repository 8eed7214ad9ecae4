import Photos
import Testing

struct PhotoTests {
    private func fault(_ file: [UInt8]) -> Photo.Fault? {
        do {
            _ = try Photo(file[...])
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: PictureFile.allCases)
    func `what is opaque becomes a JPEG that shows the same`(kind: PictureFile) throws {
        let photo = try Photo(kind.make(60, 40)[...])
        #expect(photo.format == .jpeg)
        #expect(photo.bytes.starts(with: [0xff, 0xd8, 0xff]))
        photo.look { width, height, pixel in
            #expect((width, height) == (60, 40))
            #expect(isAbout(pixel(10, 20), PictureFile.left))
            #expect(isAbout(pixel(50, 20), PictureFile.right))
        }
    }

    @Test(arguments: [PictureFile.png, .palettePNG, .gif, .webP])
    func `what is transparent stays so, in a PNG`(kind: PictureFile) throws {
        let photo = try Photo(kind.make(60, 40, isOpaque: false)[...])
        #expect(photo.format == .png)
        #expect(photo.bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]))
        photo.look { width, height, pixel in
            #expect((width, height) == (60, 40))
            #expect(isAbout(pixel(10, 20), PictureFile.left))
            #expect(pixel(10, 20) >> 24 == 0)
            #expect(pixel(50, 20) >> 24 > 120)
        }
    }

    @Test(arguments: [
        (1200, 1200, 512, 512), (1200, 300, 512, 128), (300, 1200, 128, 512), (513, 512, 512, 511),
        (512, 512, 512, 512), (1200, 1, 512, 1), (1, 1, 1, 1),
    ])
    func `a photo is made smaller and keeps its proportions`(
        width: Int, height: Int, newWidth: Int, newHeight: Int
    ) throws {
        for kind in PictureFile.allCases {
            #expect(try Photo(kind.make(width, height)[...]).side == (newWidth, newHeight))
        }
    }

    @Test(arguments: PictureFile.allCases)
    func `a photo of 1200 pixels is taken, and one of 1201 not`(kind: PictureFile) {
        #expect(fault(kind.make(1200, 16)) == nil)
        #expect(fault(kind.make(16, 1200)) == nil)
        #expect(fault(kind.make(1201, 16)) == .tooLarge)
        #expect(fault(kind.make(16, 1201)) == .tooLarge)
    }

    /// The size is written into the files: there are no such pictures in them.
    @Test(arguments: PictureFile.allCases)
    func `a small file that says it holds a large picture is not decoded`(kind: PictureFile) throws {
        var file = kind.make(16, 16)
        switch kind {
        case .png, .palettePNG: file.replaceSubrange(16..<24, with: [0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff])
        case .jpeg, .progressiveJPEG:
            let frame = try #require(file.firstRange(of: [0xff, kind == .jpeg ? 0xc0 : 0xc2])).upperBound
            file.replaceSubrange(frame + 3..<frame + 7, with: [0xff, 0xff, 0xff, 0xff])
        case .gif:
            let image = try #require(file.firstRange(of: [0x2c, 0, 0, 0, 0, 16, 0])).lowerBound
            for start in [6, image + 5] {
                file.replaceSubrange(start..<start + 4, with: [0xff, 0xff, 0xff, 0xff])
            }
        case .webP: file.replaceSubrange(26..<30, with: [0xff, 0x3f, 0xff, 0x3f])
        }
        #expect(fault(file) == .tooLarge)
    }

    @Test func `a photo of 1 MiB is taken, and a byte more not`() {
        let file = PictureFile.png.make(16, 16)
        let filler = [UInt8](repeating: 0, count: Photo.fileLimit - file.count)
        #expect(fault(file + filler) == nil)
        #expect(fault(file + filler + [0]) == .tooLong)
    }

    @Test(arguments: [
        "", "x", "GIF88a", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
        "<html><script>alert(1)</script>", "BM000000", "II*\0", "%PDF-1.7", "RIFF0000WAVE", "P6 1 1 255 abc",
        "\u{feff}<?xml version=\"1.0\"?><svg/>", " GIF89a",
    ])
    func `what begins otherwise is no photo`(text: String) {
        #expect(fault(Array(text.utf8)) == .unknownFormat)
    }

    @Test(arguments: PictureFile.allCases)
    func `nothing that was hidden in a file is in the photo`(kind: PictureFile) throws {
        let script = Array("<script>alert(1)</script>".utf8)
        var file = kind.make(60, 40)
        if kind == .jpeg {
            file.replaceSubrange(2..<2, with: [0xff, 0xfe, 0, UInt8(script.count + 2)] + script)
        }
        let photo = try Photo((file + script)[...])
        #expect(!photo.bytes.contains(script))
    }

    @Test(arguments: PictureFile.allCases)
    func `a file that ends early is refused`(kind: PictureFile) {
        // The last byte of a GIF only says that no other frame follows.
        let file = kind.make(60, 40).dropLast(kind == .gif ? 1 : 0)
        for count in 0..<file.count {
            let fault = fault(Array(file.prefix(count)))
            #expect(fault == .unknownFormat || fault == .broken)
        }
    }

    @Test(arguments: PictureFile.allCases)
    func `a file with a changed byte is taken or refused`(kind: PictureFile) {
        let file = kind.make(30, 20)
        for index in file.indices {
            for change: UInt8 in [0x01, 0x80, 0xff] {
                var changed = file
                changed[index] ^= change
                _ = fault(changed)
            }
        }
    }

    /// Each of the eight ways in which a camera can be held.
    @Test(arguments: 1...8, [true, false])
    func `a photo is turned as the camera was held`(orientation: UInt8, isLittleEndian: Bool) throws {
        // Stored 60 by 40, red on the left.
        var file = PictureFile.jpeg.make(60, 40)
        file.replaceSubrange(2..<2, with: exif(orientation, isLittleEndian: isLittleEndian))
        try Photo(file[...]).look { width, height, pixel in
            #expect((width, height) == (orientation < 5 ? (60, 40) : (40, 60)))
            let isRed = isAbout(pixel(5, 5), PictureFile.left)
            let isBlue = isAbout(pixel(5, 5), PictureFile.right)
            // At the top left, red stays, or the blue end comes to be there.
            #expect([1, 4, 5, 6].contains(orientation) ? isRed : isBlue)
        }
    }

    /// A segment with nothing but the orientation.
    private func exif(_ orientation: UInt8, isLittleEndian: Bool) -> [UInt8] {
        let little: [UInt8] = [
            0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0,
        ]
        let big: [UInt8] = [
            0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0,
        ]
        let content = Array("Exif\0\0".utf8) + (isLittleEndian ? little : big)
        return [0xff, 0xe1, 0, UInt8(content.count + 2)] + content
    }

    @Test(arguments: [0, 9, 255])
    func `an orientation that is none is upright`(orientation: UInt8) throws {
        var file = PictureFile.jpeg.make(60, 40)
        file.replaceSubrange(2..<2, with: exif(orientation, isLittleEndian: true))
        #expect(try Photo(file[...]).side == (60, 40))
    }

    /// Each scan makes the decoder go over the whole picture, and takes some
    /// bytes only: many of them would cost minutes.
    @Test func `a JPEG that is gone over too often is refused`() throws {
        let file = PictureFile.progressiveJPEG.make(60, 40)
        let scans = file.indices.filter { file[$0...].starts(with: [0xff, 0xda]) }
        let last = try #require(scans.last)
        let end = file.count - 2
        for (total, expected) in [(64, Photo.Fault?.none), (65, .broken)] {
            let more = repeatElement(file[last..<end], count: total - scans.count)
            var longer = file
            longer.replaceSubrange(end..<end, with: Array(more.joined()))
            #expect(fault(longer) == expected)
        }
    }

    @Test func `a JPEG that describes two pictures is refused`() throws {
        let file = PictureFile.jpeg.make(60, 40)
        let frame = try #require(file.firstRange(of: [0xff, 0xc0])).lowerBound
        let length = Int(file[frame + 2]) * 256 + Int(file[frame + 3])
        let again = file[frame..<frame + 2 + length]
        var twice = file
        twice.replaceSubrange(frame..<frame, with: again)
        #expect(fault(twice) == .broken)
    }

    /// libpng unpacks such a chunk: one of 16 MB out of 16 KB.
    @Test func `chunks of a PNG that are not needed are never looked at`() throws {
        var file = PictureFile.png.make(60, 40)
        let text = Array("zTXtComment\0\0not packed at all".utf8)
        let length: [UInt8] = [0, 0, 0, UInt8(text.count - 4)]
        // The checksum is wrong, too.
        file.replaceSubrange(33..<33, with: length + text + [0, 0, 0, 0])
        #expect(fault(file) == nil)
        // One that is needed has to be as it was written.
        file[32] ^= 1
        #expect(fault(file) == .broken)
    }
}

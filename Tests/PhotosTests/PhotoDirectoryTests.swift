import Foundation
import Photos
import Testing

struct PhotoDirectoryTests {
    private static let owner: [UInt8] = [0x0f, 0x1e, 0x2d, 0x3c]

    private func name(_ secret: UInt8, owner: [UInt8] = Self.owner, _ format: Photo.Format = .jpeg)
        -> PhotoName
    {
        PhotoName(
            owner: owner, secret: [UInt8](repeating: secret, count: PhotoName.secretLength), format: format)
    }

    /// Runs a test with a directory, which is removed afterwards.
    private func withDirectory(_ body: (PhotoDirectory) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "photos-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let directory = PhotoDirectory(path: path)
        try directory.make()
        try body(directory)
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func `a photo is stored for everybody to read who knows its name, and removed`() throws {
        let before = umask(0o077)
        defer { umask(before) }
        try withDirectory { directory in
            let photo = try Photo(PictureFile.png.make(60, 40)[...])
            let name = name(1, photo.format)
            let path = "\(directory.path)/\(name.text)"
            try directory.store(photo, as: name)
            #expect(directory.holds(name))
            #expect(FileManager.default.contents(atPath: path).map { Array($0) } == photo.bytes)
            #expect(try mode(path) == 0o644)
            #expect(try mode(directory.path) == 0o711)
            try directory.make()
            try directory.remove(name)
            #expect(!directory.holds(name))
            try directory.remove(name)
        }
    }

    @Test func `a name that is taken is not used again`() throws {
        try withDirectory { directory in
            let photo = try Photo(PictureFile.png.make(60, 40)[...])
            try directory.store(photo, as: name(1))
            #expect(throws: PhotoDirectory.Failure.self) { try directory.store(photo, as: name(1)) }
            #expect(directory.holds(name(1)))
        }
    }

    @Test func `a directory that is not there is said to be`() throws {
        let directory = PhotoDirectory(path: "/nonexistent/photos")
        let photo = try Photo(PictureFile.png.make(60, 40)[...])
        let failure = #expect(throws: PhotoDirectory.Failure.self) { try directory.store(photo, as: name(1)) }
        #expect(failure?.description.hasPrefix("/nonexistent/photos/") == true)
        #expect(failure?.description.hasSuffix("No such file or directory") == true)
        #expect(throws: PhotoDirectory.Failure.self) { try directory.make() }
        #expect(try directory.names(olderThan: 0).isEmpty)
    }

    @Test func `photos are listed by their age, and other files never`() throws {
        try withDirectory { directory in
            let photo = try Photo(PictureFile.png.make(60, 40)[...])
            try directory.store(photo, as: name(1))
            try directory.store(photo, as: name(2, .png))
            try Data().write(to: URL(fileURLWithPath: directory.path + "/notes.txt"))
            #expect(try Set(directory.names(olderThan: 0)) == [name(1), name(2, .png)])
            let hourAgo = Date(timeIntervalSinceNow: -3600)
            try FileManager.default.setAttributes(
                [.modificationDate: hourAgo], ofItemAtPath: "\(directory.path)/\(name(1).text)")
            #expect(try directory.names(olderThan: 3600) == [name(1)])
        }
    }

    @Test func `a name tells whose it is and is read again`() {
        let name = name(0xab, .png)
        #expect(name.text == "0f1e2d3c-\(String(repeating: "ab", count: 16)).png")
        #expect(PhotoName(parsing: name.text) == name)
        #expect(name.belongs(to: Self.owner))
        #expect(!name.belongs(to: [0x0f, 0x1e, 0x2d, 0x3d]))
    }

    @Test(arguments: [
        "", "x", "0f1e2d3c-abababababababababababababababab", "0f1e2d3c-abababababababababababababababab.gif",
        "0f1e2d3c-abababababababababababababababa.png", "0f1e2d3c_abababababababababababababababab.png",
        "0F1e2d3c-abababababababababababababababab.png", "0f1e2d3c-ababababababababababababababab/..png",
        "0f1e2d3c-abababababababababababababababab.png\n", "../2d3c-abababababababababababababababab.png",
        "0f1e2d3c-abababababababababababababababab.svg",
        "0f1e2d3c-ab\u{301}babababababababababababababab.png",
    ])
    func `what is no name of ours is not taken for one`(text: String) {
        #expect(PhotoName(parsing: text) == nil)
    }

    @Test func `a file is as old as it is at a second's turn too, when clocks may differ`() throws {
        try withDirectory { directory in
            let path = "\(directory.path)/\(name(1).text)"
            let end = ContinuousClock.now + .milliseconds(1500)
            while ContinuousClock.now < end {
                try Data([1]).write(to: URL(fileURLWithPath: path))
                guard try directory.names(olderThan: 0) == [name(1)] else {
                    Issue.record("the file seems to come from the future")
                    return
                }
            }
        }
    }
}

import Accounts
import Foundation
import HTTP
import Photos

@testable import Web

/// A GIF of one transparent pixel, and others that differ in one thing.
private enum Picture {
    static let small = [UInt8](
        Data(base64Encoded: "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")!)
    static let cutOff = Array(small.prefix(30))
    static let longest = small + [UInt8](repeating: 0, count: Photo.fileLimit - small.count)
    static let tooLong = longest + [0]

    /// It says that it is 1201 pixels wide, and holds nothing.
    static let tooLarge: [UInt8] = {
        var picture = small
        picture.replaceSubrange(6..<8, with: [0xb1, 0x04])
        picture.replaceSubrange(32..<34, with: [0xb1, 0x04])
        return picture
    }()

    static let script = Array(
        "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".utf8)
}

extension Subject {
    static let photos = [
        Subject("account-photo", "One's own photo.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let stranger = Browser(world, transcript)
            ada.get("/user/account/photo", "The page, from where the form is sent")
            ada.upload("/user/account/photo", Picture.small, "A photo")
            ada.get("/user/account/?done=photo", "It is shown")
            ada.get("/organization/", "To others, too")
            ada.upload("/user/account/photo", Picture.longest, "Another, as long as can be")
            ada.upload("/user/account/photo", [], named: "", "No file was chosen")
            ada.post("/user/account/photo", [:], "A form without files")
            ada.upload(
                "/user/account/photo", Picture.script, named: "me.png", "No photo, whatever its name is")
            ada.upload("/user/account/photo", Picture.cutOff, "One that is cut off")
            ada.upload("/user/account/photo", Picture.tooLarge, "One with too many pixels")
            ada.upload("/user/account/photo", Picture.tooLong, "One that is too long")
            ada.upload("/user/account/photo", Picture.small, "One that was not read") {
                $0.body = .tooLarge
            }
            ada.upload("/user/account/photo", Picture.small, "From elsewhere") {
                $0.header.origin = "https://evil.example"
                $0.header.secFetchSite = "cross-site"
            }
            ada.upload(
                "/user/account/photo", Picture.small, "By a client that sends only the token of the form"
            ) {
                $0.header.origin = nil
                $0.header.secFetchSite = nil
            }
            ada.post("/user/account/photo/remove", [:], "It is removed")
            ada.get("/user/account/?done=photo-removed", "The initials are back")
            stranger.get("/user/account/photo", "Strangers log in first")
            stranger.upload("/user/account/photo", Picture.small, "Before they send anything")
            stranger.post("/user/account/photo/remove", [:], "And remove nothing")
        },
        Subject("api-avatar", "Photos, by the API.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let bob = Browser.member("bob@example.org", in: world, transcript)
            let stranger = Browser(world, transcript)
            bob.upload("/api/users/2/avatar/", Picture.small, "One's own")
            bob.get("/api/users/2/?include=id,avatar", "Its address")
            bob.upload("/api/users/1/avatar", Picture.small, "Nobody else's")
            ada.upload("/api/users/2/avatar", Picture.small, "But an owner does")
            ada.upload("/api/users/99/avatar", Picture.small, "Nobody")
            bob.upload("/api/users/2/avatar", Picture.cutOff, "One that is cut off")
            bob.upload("/api/users/2/avatar", Picture.script, "No photo, whatever its name is")
            bob.upload("/api/users/2/avatar", Picture.tooLarge, "One with too many pixels")
            bob.upload("/api/users/2/avatar", Picture.tooLong, "One that is too long")
            bob.upload("/api/users/2/avatar", Picture.small, "One that was not read") { $0.body = .tooLarge }
            bob.upload("/api/users/2/avatar", [], named: "", "No file was chosen")
            bob.upload("/api/users/2/avatar", Picture.small, "A form that ends too early") {
                $0.body = .complete(Array("--limit\r\n".utf8))
            }
            bob.call(.post, "/api/users/2/avatar", "{}", "JSON brings no file")
            bob.upload("/api/users/2/avatar", Picture.small, "From elsewhere") {
                $0.header.origin = "https://evil.example"
                $0.header.secFetchSite = "cross-site"
            }
            bob.send(.delete, "/api/users/1/avatar/", "Nobody else's is removed") {
                $0.header.origin = bob.origin
            }
            bob.send(.delete, "/api/users/2/avatar/", "It is removed") { $0.header.origin = bob.origin }
            bob.get("/api/users/2/?include=id,avatar", "There is none")
            bob.send(.delete, "/api/users/2/avatar/", "Again") { $0.header.origin = bob.origin }
            ada.send(.delete, "/api/users/99/avatar/", "Nobody") { $0.header.origin = ada.origin }
            bob.get("/api/users/2/avatar/", "Nothing else")
            stranger.upload("/api/users/2/avatar/", Picture.small, "Without a key")
            stranger.send(.delete, "/api/users/2/avatar/", "Without a key") {
                $0.header.origin = stranger.origin
            }

            let below = try transcript.world(address: "https://example.org/labels")
            let eve = Browser.member("eve@example.org", in: below, transcript) {
                $0.scheme = "https"
                $0.host = "example.org"
            }
            eve.upload("/labels/api/users/1/avatar/", Picture.small, "Where the public address is set")
            eve.get("/labels/api/users/1?include=id,avatar", "It stands before the address of the photo")
        },
    ]
}

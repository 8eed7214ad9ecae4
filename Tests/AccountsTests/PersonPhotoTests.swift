import Foundation
import Photos
import SQLite
import Secrets
import Testing

@testable import Accounts

struct PersonPhotoTests {
    /// Accounts whose photos are in a directory of their own.
    private struct Gallery {
        let world: World
        let accounts: Accounts
        let directory: TemporaryDirectory
        let photos: PhotoDirectory

        init() throws {
            directory = try TemporaryDirectory()
            photos = PhotoDirectory(path: directory.path + "/avatars")
            try photos.make()
            world = try World()
            accounts = try Self.open(world, photos)
        }

        static func open(_ world: World, _ photos: PhotoDirectory) throws -> Accounts {
            try Accounts(
                database: world.database, photos: photos, key: World.key,
                passwords: PasswordHasher(cost: World.cheap),
                rules: Accounts.Rules(isSignUpOpen: true, passwordMinimum: 8), randomness: .system,
                now: { [clock = world.clock] in clock.now }, observe: { _ in })
        }

        func signUp(_ email: String) throws -> Requester {
            let session = try world.signUp(email)
            return try #require(try world.visitor(session)).requester
        }

        func photo(of requester: Requester) throws -> PhotoName? {
            try accounts.person(requester.member.user.id, in: requester.member.organization)?.member.user
                .photo
        }

        func files() throws -> [PhotoName] { try photos.names(olderThan: 0) }

        /// As if it had been stored long ago.
        func age(_ name: PhotoName) throws {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -3601)],
                ofItemAtPath: "\(photos.path)/\(name.text)")
        }
    }

    /// A GIF of one pixel.
    private static let photo = Result {
        try Photo(
            [UInt8](Data(base64Encoded: "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")!)[...])
    }

    @Test func `a photo is kept in a file until another takes its place`() throws {
        let gallery = try Gallery()
        let ada = try gallery.signUp("ada@example.com")
        let id = ada.member.user.id
        try gallery.accounts.setPhoto(Self.photo.get(), of: id, by: ada, from: .somewhere)
        let first = try #require(try gallery.photo(of: ada))
        #expect(try gallery.files() == [first])
        try gallery.accounts.setPhoto(Self.photo.get(), of: id, by: ada, from: .somewhere)
        let second = try #require(try gallery.photo(of: ada))
        #expect(second != first)
        #expect(try gallery.files() == [second])
        try gallery.accounts.removePhoto(of: id, by: ada, from: .somewhere)
        #expect(try gallery.photo(of: ada) == nil)
        #expect(try gallery.files().isEmpty)
    }

    @Test func `owners set the photos of others, members do not, and nothing stays of what was refused`()
        throws
    {
        let gallery = try Gallery()
        let ada = try gallery.signUp("ada@example.com")
        let bob = try gallery.signUp("bob@example.com")
        #expect(throws: Accounts.MembershipRefusal.notOwner) {
            try gallery.accounts.setPhoto(Self.photo.get(), of: ada.member.user.id, by: bob, from: .somewhere)
        }
        #expect(throws: Accounts.MembershipRefusal.notPossible) {
            try gallery.accounts.setPhoto(Self.photo.get(), of: User.ID(99), by: ada, from: .somewhere)
        }
        #expect(try gallery.files().isEmpty)
        try gallery.accounts.setPhoto(Self.photo.get(), of: bob.member.user.id, by: ada, from: .somewhere)
        #expect(try gallery.files() == [gallery.photo(of: bob)])
        #expect(throws: Accounts.MembershipRefusal.notOwner) {
            try gallery.accounts.removePhoto(of: ada.member.user.id, by: bob, from: .somewhere)
        }
    }

    @Test func `a photo goes with the account`() throws {
        let gallery = try Gallery()
        let ada = try gallery.signUp("ada@example.com")
        let bob = try gallery.signUp("bob@example.com")
        try gallery.accounts.setPhoto(Self.photo.get(), of: bob.member.user.id, by: bob, from: .somewhere)
        #expect(try gallery.files().count == 1)
        try gallery.accounts.deleteAccount(of: bob.member.user.id, by: ada, from: .somewhere)
        #expect(try gallery.files().isEmpty)
    }

    @Test func `a photo goes when its person is put out, and does not come back with him`() throws {
        let gallery = try Gallery()
        _ = try gallery.signUp("ada@example.com")
        let bob = try gallery.signUp("bob@example.com")
        try gallery.accounts.setPhoto(Self.photo.get(), of: bob.member.user.id, by: bob, from: .somewhere)
        try gallery.accounts.remove(bob.member.user.id, by: .commandLine, from: .commandLine)
        #expect(try gallery.files().isEmpty)
        try gallery.accounts.restore(bob.member.user.id, by: .commandLine, from: .commandLine)
        #expect(try gallery.photo(of: bob) == nil)
    }

    @Test func `files that nobody has are removed after an hour`() throws {
        let gallery = try Gallery()
        let ada = try gallery.signUp("ada@example.com")
        try gallery.accounts.setPhoto(Self.photo.get(), of: ada.member.user.id, by: ada, from: .somewhere)
        let used = try #require(try gallery.photo(of: ada))
        // As when the program ends before the database knows of it.
        let lost = try gallery.accounts.store(Self.photo.get())
        let foreign = PhotoName(
            owner: [1, 2, 3, 4], secret: [UInt8](repeating: 7, count: PhotoName.secretLength), format: .png)
        try gallery.photos.store(Self.photo.get(), as: foreign)
        try gallery.accounts.tidy()
        #expect(try Set(gallery.files()) == [used, lost, foreign])
        for name in [used, lost, foreign] { try gallery.age(name) }
        // Not by a start, which must not depend on what lies in a directory.
        let restarted = try Gallery.open(gallery.world, gallery.photos)
        #expect(try Set(gallery.files()) == [used, lost, foreign])
        try restarted.tidy()
        #expect(try Set(gallery.files()) == [used, foreign])
    }

    @Test func `a photo whose file is gone is still known, and can be replaced`() throws {
        let gallery = try Gallery()
        let ada = try gallery.signUp("ada@example.com")
        try gallery.accounts.setPhoto(Self.photo.get(), of: ada.member.user.id, by: ada, from: .somewhere)
        let name = try #require(try gallery.photo(of: ada))
        try gallery.photos.remove(name)
        #expect(try gallery.photo(of: ada) == name)
        try gallery.accounts.setPhoto(Self.photo.get(), of: ada.member.user.id, by: ada, from: .somewhere)
        #expect(try gallery.files().count == 1)
    }

    @Test func `a full disk is a fault that passes`() throws {
        let world = try World()
        let accounts = try Gallery.open(world, PhotoDirectory(path: "/nonexistent"))
        let session = try world.signUp("ada@example.com")
        let ada = try #require(try world.visitor(session)).requester
        let failure = #expect(throws: PhotoDirectory.Failure.self) {
            try accounts.setPhoto(Self.photo.get(), of: ada.member.user.id, by: ada, from: .somewhere)
        }
        #expect(try Accounts.temporaryFault(#require(failure)) == .storage)
    }
}

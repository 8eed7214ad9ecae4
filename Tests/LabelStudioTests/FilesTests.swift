import Foundation
import Secrets
import Testing

@testable import LabelStudio

struct FilesTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test(arguments: [0, 1, 16_384, 100_000])
    func `a file is written and read whole, for its owner only`(count: Int) throws {
        let path = directory.path + "/f"
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        try Files.write(content, to: path)
        #expect(try Files.read(path) == content)
        #expect(try mode(path) == 0o600)
        try Files.write([1], to: path)
        #expect(try Files.read(path) == [1])
        #expect(try Files.names(in: directory.path) == ["f"])
    }

    @Test func `a file that is there is not created again`() throws {
        let path = directory.path + "/f"
        try Files.create(path, [1])
        #expect(try mode(path) == 0o600)
        try Files.create(path, [2])
        #expect(try Files.read(path) == [1])
        #expect(try Files.names(in: directory.path) == ["f"])
    }

    @Test func `directories are made with those above them, for their owner only`() throws {
        try Files.makeDirectory(directory.path + "/a/b/c")
        #expect(try mode(directory.path + "/a") == 0o700)
        #expect(try mode(directory.path + "/a/b/c") == 0o700)
        try Files.makeDirectory(directory.path + "/a/b/c")
        try Files.checkWritable(directory.path + "/a/b/c")
    }

    @Test func `a failure names the file and the reason`() {
        let error = #expect(throws: Files.Failure.self) { try Files.read(directory.path + "/none") }
        #expect(error?.description == "\(directory.path)/none: No such file or directory")
    }

    @Test func `a path from here begins at the root`() {
        #expect(Files.absolute("/a/b") == "/a/b")
        #expect(Files.absolute("a") == FileManager.default.currentDirectoryPath + "/a")
    }

    @Test func `a key is made at the first start only, and stays`() throws {
        let path = directory.path + "/accounts.key"
        #expect(throws: Service.Failure.self) { try KeyFile.open(path, isFirstStart: false) }
        #expect(!Files.exists(path))
        let made = try KeyFile.open(path, isFirstStart: true).subkey(for: .keyCheck).hash([])
        #expect(try mode(path) == 0o600)
        #expect(try Files.read(path).count == 32)
        #expect(try KeyFile.open(path, isFirstStart: false).subkey(for: .keyCheck).hash([]) == made)
        #expect(try KeyFile.open(path, isFirstStart: true).subkey(for: .keyCheck).hash([]) == made)
    }

    @Test(arguments: [0, 31, 33])
    func `a file that is no key is refused and kept`(count: Int) throws {
        let path = directory.path + "/accounts.key"
        try Files.create(path, [UInt8](repeating: 7, count: count))
        let error = #expect(throws: Service.Failure.self) { try KeyFile.open(path, isFirstStart: true) }
        #expect(error?.line == "\(path) is not a key: it must hold 32 bytes")
        #expect(try Files.read(path).count == count)
    }
}

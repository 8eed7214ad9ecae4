import Testing

@testable import Secrets

struct BoxTests {
    private let key = Subkey(bytes: Array(0..<32))
    private let content = Array("a token".utf8)

    /// draft-irtf-cfrg-xchacha-03, A.3.1.
    @Test func `a box is the one of the published example`() {
        let key = Subkey(bytes: Array(0x80...0x9f))
        let text =
            "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
            + "sunscreen would be it."
        let box = key.seal(
            Array(text.utf8), context: bytes("50515253c0c1c2c3c4c5c6c7"),
            randomness: Randomness { count in Array(0x40..<0x40 + UInt8(count)) })
        #expect(
            Encoding.hexadecimal(box)
                == "404142434445464748494a4b4c4d4e4f5051525354555657"
                + "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
                + "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
                + "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
                + "21f9664c97637da9768812f615c68b13b52e"
                + "c0875924c1c7987947deafd8780acf49")
        #expect(key.open(box, context: bytes("50515253c0c1c2c3c4c5c6c7")) == Array(text.utf8))
    }

    @Test(arguments: [0, 1, 40, 10_000])
    func `a box gives back what was put in`(count: Int) {
        let content = Randomness.system.bytes(max(count, 1)).prefix(count)
        let box = key.seal(Array(content), context: [1], randomness: .system)
        #expect(key.open(box, context: [1]) == Array(content))
    }

    @Test func `a box opens for its context only`() {
        let box = key.seal(content, context: Array("user 1".utf8), randomness: .system)
        #expect(key.open(box, context: Array("user 1".utf8)) == content)
        #expect(key.open(box, context: Array("user 2".utf8)) == nil)
        #expect(key.open(box, context: Array("user 11".utf8)) == nil)
        #expect(key.open(box, context: []) == nil)
    }

    @Test func `a box opens with its key only`() {
        let box = key.seal(content, context: [], randomness: .system)
        #expect(Subkey(bytes: Array(1..<33)).open(box, context: []) == nil)
    }

    @Test func `a box with any bit changed does not open`() {
        let box = key.seal(content, context: [1], randomness: .system)
        for index in box.indices {
            var changed = box
            changed[index] ^= 1
            #expect(key.open(changed, context: [1]) == nil)
        }
    }

    @Test func `a box that is cut or lengthened does not open`() {
        let box = key.seal(content, context: [1], randomness: .system)
        for count in 0..<box.count { #expect(key.open(Array(box.prefix(count)), context: [1]) == nil) }
        #expect(key.open(box + [0], context: [1]) == nil)
    }

    @Test func `two boxes of one content differ`() {
        #expect(
            key.seal(content, context: [], randomness: .system)
                != key.seal(content, context: [], randomness: .system))
    }
}

import Secrets
import Testing

struct EncodingTests {
    /// RFC 4648, 10, without the padding; the last ones have the digits 62 and 63.
    @Test(
        arguments: [
            ([], ""), (Array("f".utf8), "Zg"), (Array("fo".utf8), "Zm8"), (Array("foo".utf8), "Zm9v"),
            (Array("foob".utf8), "Zm9vYg"), (Array("fooba".utf8), "Zm9vYmE"),
            (Array("foobar".utf8), "Zm9vYmFy"),
            ([0xfb, 0xff], "-_8"), ([0, 0, 0], "AAAA"), ([0xff, 0xff, 0xff], "____"),
        ] as [([UInt8], String)])
    func `base64url is that of RFC 4648`(bytes: [UInt8], text: String) {
        #expect(Encoding.base64URL(bytes) == text)
        #expect(Encoding.decodeBase64URL(text) == bytes)
    }

    @Test(arguments: [
        "Z", "Zg==", "Zg=", "Zh", "Zm9", "Zm9vY", "+/8", "Zm9v\n", " Zm9v", "Zm 9v", "Zé", "Zm9v\0",
        "Zm9vYmF/", "_x",
    ])
    func `a text that is not the one way to write its bytes is refused`(text: String) {
        #expect(Encoding.decodeBase64URL(text) == nil)
    }

    @Test func `bytes of every length come back`() {
        for count in 0...100 {
            let bytes = Array(Randomness.system.bytes(100).prefix(count))
            #expect(Encoding.decodeBase64URL(Encoding.base64URL(bytes)) == bytes)
        }
    }

    @Test func `hexadecimal has two lower-case digits for each byte`() {
        #expect(Encoding.hexadecimal([0, 1, 0x0f, 0xa0, 0xff]) == "00010fa0ff")
        #expect(Encoding.hexadecimal([]) == "")
    }
}

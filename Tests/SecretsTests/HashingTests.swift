import Testing

@testable import Secrets

/// Bytes from hexadecimal digits.
func bytes(_ digits: String) -> [UInt8] {
    let digits = Array(digits.utf8.filter { $0 != UInt8(ascii: " ") && $0 != 0x0a })
    return stride(from: 0, to: digits.count, by: 2).map {
        UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)!
    }
}

struct HashingTests {
    /// RFC 4231, 4.2 to 4.5, 4.7 and 4.8. HMAC fills a key up with zeros, and
    /// hashes one that is longer than a block: so each has a form of 32 bytes.
    /// The last two keys are SHA-256 of 131 bytes `aa`.
    @Test(
        arguments: [
            (
                String(repeating: "0b", count: 20), bytes("4869205468657265"),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                "4a656665", Array("what do ya want for nothing?".utf8),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                String(repeating: "aa", count: 20), [UInt8](repeating: 0xdd, count: 50),
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
            ),
            (
                "0102030405060708090a0b0c0d0e0f10111213141516171819", [UInt8](repeating: 0xcd, count: 50),
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
            ),
            (
                "45ad4b37c6e2fc0a2cfcc1b5da524132ec707615c2cae1dbbc43c97aa521db81",
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            (
                "45ad4b37c6e2fc0a2cfcc1b5da524132ec707615c2cae1dbbc43c97aa521db81",
                Array(
                    """
                    This is a test using a larger than block-size key and a larger than block-size data. \
                    The key needs to be hashed before being used by the HMAC algorithm.
                    """.utf8),
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
            ),
        ] as [(String, [UInt8], String)])
    func `HMAC-SHA256 gives the codes of RFC 4231`(key: String, message: [UInt8], code: String) {
        let key = bytes(key)
        let subkey = Subkey(bytes: key + [UInt8](repeating: 0, count: 32 - key.count))
        #expect(Encoding.hexadecimal(subkey.authenticate(message)) == code)
    }

    /// Computed by `hashlib.blake2b(m, digest_size=32[, key=bytes(range(32))])` of Python.
    @Test(arguments: [
        (
            "", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
            "4e51e7a913fc80137da52880fecca175bf81e117d5c68126dc2774033517ea0d"
        ),
        (
            "abc", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
            "d63a32d3e44738d7907f964316c241adaba0abfeabc32349677578a15a203f7f"
        ),
        (
            "The quick brown fox jumps over the lazy dog",
            "01718cec35cd3d796dd00020e0bfecb473ad23457d063b75eff29c0ffa2e58a9",
            "5d9461aff732d77d0cc98725ea29298c914fd5193b4c08ec9e3ad6b28c3e2faf"
        ),
    ])
    func `BLAKE2b gives what another implementation gives`(message: String, plain: String, keyed: String) {
        #expect(Encoding.hexadecimal(digest(Array(message.utf8))) == plain)
        #expect(Encoding.hexadecimal(Subkey(bytes: Array(0..<32)).hash(Array(message.utf8))) == keyed)
    }

    @Test func `all 256 byte values count in a hash`() {
        #expect(
            Encoding.hexadecimal(digest(Array(0...255)))
                == "39a7eb9fedc19aabc83425c6755dd90e6f9d0c804964a1f4aaeea3b9fb599835")
    }

    @Test(
        arguments: [
            ([], [], true), ([1], [1], true), ([1], [2], false), ([1], [1, 2], false), ([1, 2], [1], false),
            ([], [0], false), ([0], [], false),
            (Array(0...255), Array(0...255), true), (Array(0...255), Array(0...254) + [0], false),
        ] as [([UInt8], [UInt8], Bool)])
    func `bytes are equal in constant time if they are equal`(one: [UInt8], other: [UInt8], areEqual: Bool) {
        #expect(equalInConstantTime(one, other) == areEqual)
    }
}

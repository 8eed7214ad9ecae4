import HTTP
import Testing

struct PercentCodingTests {
    @Test(arguments: [
        ("", ""),
        ("abcXYZ019-._~", "abcXYZ019-._~"),
        ("a b", "a%20b"),
        ("a+b&c=d", "a%2Bb%26c%3Dd"),
        ("/?#[]@%", "%2F%3F%23%5B%5D%40%25"),
        ("é", "%C3%A9"),
        ("😀", "%F0%9F%98%80"),
        ("\r\n\0", "%0D%0A%00"),
    ])
    func `everything but unreserved characters is encoded, and decoding gives it back`(
        text: String, encoded: String
    ) {
        #expect(PercentCoding.encode(text) == encoded)
        #expect(PercentCoding.decode(encoded[...], plusIsSpace: true) == text)
        #expect(PercentCoding.decode(encoded[...], plusIsSpace: false) == text)
    }

    @Test func `the characters of a path stay in an encoded path`() {
        #expect(PercentCoding.encodePath("/!$&'()*+,;=:@") == "/!$&'()*+,;=:@")
        #expect(PercentCoding.encodePath("/a b?c#d\"<>%") == "/a%20b%3Fc%23d%22%3C%3E%25")
    }

    @Test(arguments: [
        ("%4a%4A", "JJ"), ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("%4z", "%4z"), ("%%41", "%A"),
        ("100%", "100%"), ("%C3%A9", "é"), ("%EF%BF%BD", "\u{fffd}"), ("%00", "\0"), ("%+1", "%+1"),
    ])
    func `a percent sign that no two digits follow stands for itself`(text: String, decoded: String) {
        #expect(PercentCoding.decode(text[...], plusIsSpace: false) == decoded)
    }

    @Test func `a plus is a space in forms only`() {
        #expect(PercentCoding.decode("a+b%2B", plusIsSpace: true) == "a b+")
        #expect(PercentCoding.decode("a+b%2B", plusIsSpace: false) == "a+b+")
    }

    @Test(arguments: ["%ff", "%C3", "%C3%28", "%C0%AF", "%E0%80%AF", "%ED%A0%80", "%F5%80%80%80", "a%80b"])
    func `bytes that are not UTF-8 are refused`(text: String) {
        #expect(PercentCoding.decode(text[...], plusIsSpace: false) == nil)
        #expect(PercentCoding.decode(text[...], plusIsSpace: true) == nil)
    }
}

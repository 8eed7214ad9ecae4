import HTTP
import JWT
import Secrets
import Testing

struct JSONWebTokenTests {
    /// RFC 7515, A.1.
    private static let exampleKey = Encoding.decodeBase64URL(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")!
    private static let exampleSignedText = [
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
    ].joined(separator: ".")
    private static let example = exampleSignedText + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    private static func byExampleKey(_ message: [UInt8]) -> [UInt8] {
        authenticate(message, key: exampleKey)
    }

    private static func text(_ header: String, _ claims: String = "{}", signature: String? = nil) -> String {
        let signed = [header, claims].map { Encoding.base64URL(Array($0.utf8)) }.joined(separator: ".")
        return signed + "." + (signature ?? Encoding.base64URL(byExampleKey(Array(signed.utf8))))
    }

    @Test func `the example of RFC 7515 is read, and is genuine`() throws {
        let token = try #require(JSONWebToken(parsing: Self.example))
        #expect(token.claims["iss"] == "joe")
        #expect(token.claims["exp"] == .integer(1_300_819_380))
        #expect(token.claims["http://example.com/is_root"] == true)
        #expect(token.isGenuine(Self.byExampleKey))
        #expect(token.text == Self.example)
        #expect(token.signedText == Self.exampleSignedText)
    }

    @Test func `a token of another key, or with another content, is not genuine`() throws {
        let token = try #require(JSONWebToken(parsing: Self.example))
        #expect(!token.isGenuine { authenticate($0, key: Array(Self.exampleKey.dropLast())) })
        #expect(!token.isGenuine { _ in [] })
        let changed = Self.example.replacing("eyJpc3MiOiJqb2Ui", with: "eyJpc3MiOiJib2Ii")
        #expect(try #require(JSONWebToken(parsing: changed)).isGenuine(Self.byExampleKey) == false)
        let signature = Encoding.base64URL([UInt8](repeating: 0, count: 32))
        let forged = Self.text(#"{"alg":"HS256"}"#, signature: signature)
        #expect(try #require(JSONWebToken(parsing: forged)).isGenuine(Self.byExampleKey) == false)
        let unsigned = Self.text(#"{"alg":"HS256"}"#, signature: "")
        #expect(JSONWebToken(parsing: unsigned)?.isGenuine(Self.byExampleKey) != true)
    }

    @Test func `a token that is made here is read again`() throws {
        let made = JSONWebToken(
            claims: ["user_id": "2", "exp": .integer(7)], authenticator: Self.byExampleKey)
        #expect(made.text.hasPrefix("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."))
        let read = try #require(JSONWebToken(parsing: made.text))
        #expect(read.claims == made.claims)
        #expect(read.isGenuine(Self.byExampleKey))
        #expect(JSONWebToken.claims(ofSignedText: made.signedText) == made.claims)
    }

    /// RFC 7519, 6.1: a token without signature, and what else could be tried.
    @Test(arguments: [
        "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
        text(#"{"alg":"none"}"#), text(#"{"alg":"None"}"#), text(#"{"alg":"hs256"}"#),
        text(#"{"alg":"HS384"}"#), text(#"{"alg":"RS256"}"#), text(#"{"alg":["HS256"]}"#), text("{}"),
        text(#"{"alg":"HS256","alg":"none"}"#), text(#"{"alg":"none","alg":"HS256"}"#),
        text(#"{"alg":"HS256","crit":["exp"]}"#), text(#"{"alg":"HS256","typ":"JWE"}"#),
        text(#"{"alg":"HS256","typ":1}"#), text(#"["HS256"]"#), text("HS256"),
        text(#"{"alg":"HS256"}"#, "[]"), text(#"{"alg":"HS256"}"#, #"{"exp":1,"exp":2}"#),
        text(#"{"alg":"HS256"}"#, "{") /* no JSON */, text(#"{"alg":"HS256"}"#, "{}{}"),
    ])
    func `no other algorithm, and nothing that can be read in two ways`(text: String) {
        #expect(JSONWebToken(parsing: text) == nil)
    }

    @Test(arguments: ["", ".", "..", "...", "a", "a.b", "a.b.c", "e30.e30.e30"])
    func `what is no token is none`(text: String) {
        #expect(JSONWebToken(parsing: text) == nil)
    }

    @Test func `one token is written in one way`() throws {
        let token = Self.text(#"{"alg":"HS256"}"#, #"{"exp":1}"#)
        #expect(JSONWebToken(parsing: token) != nil)
        for other in [token + "=", token + ".", "." + token, token + "\n", " " + token, token + ".e30"] {
            #expect(JSONWebToken(parsing: other) == nil, "\(other)")
        }
        // The last digit of the signature has two bits that say nothing.
        let last = try #require(token.unicodeScalars.last)
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".unicodeScalars)
        let next = digits[try #require(digits.firstIndex(of: last)) + 1]
        #expect(JSONWebToken(parsing: String(token.dropLast()) + String(next)) == nil)
    }

    @Test func `a long text is not looked at`() {
        let claims = #"{"a":""# + String(repeating: "a", count: JSONWebToken.lengthLimit) + #""}"#
        #expect(JSONWebToken(parsing: Self.text(#"{"alg":"HS256"}"#, claims)) == nil)
    }

    /// RFC 4231, test cases 1, 2, 6: a key of any length.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0b, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func `a code is as RFC 4231 has it`(key: [UInt8], message: String, code: String) {
        #expect(Encoding.hexadecimal(authenticate(Array(message.utf8), key: key)) == code)
    }
}

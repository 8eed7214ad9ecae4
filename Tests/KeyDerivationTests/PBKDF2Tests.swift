import Testing

@testable import KeyDerivation

struct PBKDF2Tests {
    /// RFC 7914, 11, shortened to 32 bytes; the last by Python's `hashlib.pbkdf2_hmac`.
    @Test(arguments: [
        ("passwd", "salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"),
        ("Password", "NaCl", 80_000, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"),
        ("", "salt", 3, "5ddf839afa2d5fb4be56e1a0f48917617559bef61ec122bfca1c7f75ac8f401d"),
        ("a\0b", "salt", 3, "0ecd87c08c314a3903927ecf7a769423e0347526b49785eeb8ec75fd1cb2b63c"),
    ])
    func `keys are those of other implementations`(
        password: String, salt: String, iterations: Int32, key: String
    ) throws {
        let derived = try PBKDF2.derive(Array(password.utf8), salt: Array(salt.utf8), iterations: iterations)
        #expect(derived.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == key)
    }
}

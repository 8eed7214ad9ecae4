import Secrets
import Testing

struct PasswordHasherTests {
    private let cheap: PasswordHasher

    init() throws {
        cheap = try PasswordHasher(cost: .init(memory: 8192, passes: 1))
    }

    @Test func `a hash is Argon2id with 19 MiB, two passes and one lane`() throws {
        let hasher = try PasswordHasher()
        let prefix = "$argon2id$v=19$m=19456,t=2,p=1$"
        let hash = try hasher.hash("correct horse")
        #expect(hash.hasPrefix(prefix))
        #expect(hasher.decoy.hasPrefix(prefix))
        #expect(try hasher.verify("correct horse", against: hash))
        #expect(try !hasher.verify("correct horsf", against: hash))
        #expect(!hasher.needsRehash(hash))
    }

    /// libsodium, test/default/pwhash_argon2id.c.
    @Test func `a published hash is verified`() throws {
        let hash = "$argon2id$v=19$m=256,t=3,p=1$MDEyMzQ1Njc$G5ajKFCoUzaXRLdz7UJb5wGkb2Xt+X5/GQjUYtS2+TE"
        #expect(try cheap.verify("password", against: hash))
        #expect(try !cheap.verify("passwore", against: hash))
    }

    @Test func `two hashes of one password differ`() throws {
        #expect(try cheap.hash("password") != cheap.hash("password"))
    }

    @Test(arguments: [
        ("", "\0"), ("a", "a\0"), ("a\0b", "a\0c"), ("a\0b", "a"), (" a", "a"), ("a ", "a"),
        ("Password", "password"),
        ("é", "e\u{301}"),
        (String(repeating: "a", count: 1024), String(repeating: "a", count: 1023)),
        (String(repeating: "a", count: 1023) + "b", String(repeating: "a", count: 1023) + "c"),
        (String(repeating: "a", count: 73), String(repeating: "a", count: 72)),
        ("😀😀", "😀"),
    ])
    func `a password is compared byte by byte`(password: String, other: String) throws {
        let hash = try cheap.hash(password)
        #expect(try cheap.verify(password, against: hash))
        #expect(try !cheap.verify(other, against: hash))
    }

    @Test(arguments: [(8192, 2), (16_384, 1)] as [(Int, UInt64)])
    func `a hash of another cost is to be made again, and is valid until then`(memory: Int, passes: UInt64)
        throws
    {
        let hash = try cheap.hash("password")
        let other = try PasswordHasher(cost: .init(memory: memory, passes: passes))
        #expect(!cheap.needsRehash(hash))
        #expect(other.needsRehash(hash))
        #expect(try other.verify("password", against: hash))
        #expect(cheap.needsRehash(try other.hash("password")))
    }

    @Test(arguments: ["", "!", "password", "$argon2id$", "$2b$12$x", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"])
    func `a string that is no hash verifies nothing`(hash: String) throws {
        #expect(try !cheap.verify("password", against: hash))
        #expect(try !cheap.verify("", against: hash))
    }

    @Test func `nobody has the password of the decoy, and each decoy is another`() throws {
        #expect(try !cheap.verify("", against: cheap.decoy))
        #expect(!cheap.needsRehash(cheap.decoy))
        #expect(try PasswordHasher(cost: .init(memory: 8192, passes: 1)).decoy != cheap.decoy)
    }

    @Test func `memory that the system cannot give is an error`() {
        #expect(throws: PasswordHasher.OutOfMemory.self) {
            try PasswordHasher(cost: .init(memory: 1, passes: 1))
        }
    }
}

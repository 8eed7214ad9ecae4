import Testing

@testable import Secrets

struct MasterKeyTests {
    @Test(arguments: [0, 1, 31, 33, 64])
    func `a key that has not 32 bytes is none`(count: Int) {
        #expect(MasterKey([UInt8](repeating: 1, count: count)) == nil)
    }

    /// What is stored depends on these. Computed by Python: BLAKE2b with the
    /// master key as key, the number of the purpose as salt, "accounts" as
    /// personalization; see libsodium's `crypto_kdf`.
    @Test(
        arguments: [
            (.keyCheck, 1, "6ad5f8b80b836eb51dd83f5fdb06bfe3c3b757ec0bcf543298d056ea80ab5c2b"),
            (.invitation, 2, "6994a3939e27fec146da92225db4d02a7b1eb0afa9e7053017d452604b8f56a6"),
            (.tokenLookup, 3, "50294c89defd011add02ed21968bbfc40d6d554152a025de773a19782f2de512"),
            (.tokenBox, 4, "0816a07baed3b4f43b4db6786b731e37c8f811749c0df2b6680aa708be240fde"),
            (.formToken, 5, "f7dcaa29f02e2e121fc43a5680ae46b9be9effa708be3840b54eaca4dc953c32"),
        ] as [(MasterKey.Purpose, UInt64, String)])
    func `subkeys stay what they are`(purpose: MasterKey.Purpose, number: UInt64, subkey: String) throws {
        let key = try #require(MasterKey(Array(0..<32)))
        #expect(purpose.rawValue == number)
        #expect(Encoding.hexadecimal(key.subkey(for: purpose).bytes) == subkey)
    }

    @Test func `another key has other subkeys`() throws {
        let one = try #require(MasterKey(Array(0..<32)))
        let other = try #require(MasterKey(Array(1..<33)))
        #expect(one.subkey(for: .invitation).bytes != other.subkey(for: .invitation).bytes)
    }
}

struct RandomnessTests {
    @Test func `the system's randomness has the length asked for and does not repeat`() {
        for count in [1, 16, 32, 1000] { #expect(Randomness.system.bytes(count).count == count) }
        let drawn = Set((0..<1000).map { _ in Randomness.system.bytes(16) })
        #expect(drawn.count == 1000)
    }

    @Test func `a test can decide what is random`() {
        #expect(Randomness { [UInt8](repeating: 7, count: $0) }.bytes(3) == [7, 7, 7])
    }
}

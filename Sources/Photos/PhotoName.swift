/// The name of a file of ours: it says nothing about whose photo it is, and
/// cannot be guessed; whoever knows it sees the photo. No name is used twice.
///
///     0f1e2d3c-00112233445566778899aabbccddeeff.jpg
public struct PhotoName: Sendable, Hashable {
    public let text: String

    /// Bytes before the hyphen: which installation it belongs to.
    public static let ownerLength = 4
    /// Bytes behind it.
    public static let secretLength = 16

    public init(owner: [UInt8], secret: [UInt8], format: Photo.Format) {
        precondition(owner.count == Self.ownerLength && secret.count == Self.secretLength)
        text = "\(Self.digits(owner))-\(Self.digits(secret)).\(format.rawValue)"
    }

    /// Nil if it is no such name.
    public init?(parsing text: String) {
        let bytes = Array(text.utf8)
        let hyphen = 2 * Self.ownerLength
        let dot = hyphen + 1 + 2 * Self.secretLength
        guard bytes.count > dot, bytes[hyphen] == UInt8(ascii: "-"), bytes[dot] == UInt8(ascii: "."),
            (bytes[..<hyphen] + bytes[hyphen + 1..<dot]).allSatisfy(Self.isDigit),
            Photo.Format(rawValue: String(decoding: bytes[(dot + 1)...], as: UTF8.self)) != nil
        else { return nil }
        self.text = text
    }

    public func belongs(to owner: [UInt8]) -> Bool {
        text.utf8.prefix(2 * Self.ownerLength).elementsEqual(Self.digits(owner).utf8)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        "0123456789abcdef".utf8.contains(byte)
    }

    private static func digits(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

internal import CSodium

/// Bytes as text that can stand in a URL, a cookie or a header. The time does
/// not depend on the content.
public enum Encoding {
    /// Two lower-case digits for each byte (`sodium_bin2hex`).
    public static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let bytes = Array(bytes)
        return unsafe String(unsafeUninitializedCapacity: 2 * bytes.count + 1) { text in
            unsafe text.withMemoryRebound(to: CChar.self) { text in
                _ = unsafe sodium_bin2hex(text.baseAddress!, text.count, bytes, bytes.count)
                return 2 * bytes.count
            }
        }
    }

    /// Nil if it is not an even number of hexadecimal digits (`sodium_hex2bin`).
    public static func decodeHexadecimal(_ text: String) -> [UInt8]? {
        var text = text
        let capacity = text.utf8.count / 2
        guard text.utf8.count == 2 * capacity, capacity > 0 else { return nil }
        var isValid = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { bytes, count in
            isValid = text.withUTF8 { text in
                unsafe text.withMemoryRebound(to: CChar.self) { text in
                    unsafe sodium_hex2bin(
                        bytes.baseAddress!, capacity, text.baseAddress!, text.count, nil, &count, nil) == 0
                }
            }
        }
        return isValid && bytes.count == capacity ? bytes : nil
    }

    /// base64url without padding (RFC 4648, 5). Not `sodium_bin2base64`: it
    /// takes 54 instructions a digit, this 12, and a page with a form has 96 digits.
    public static func base64URL(_ bytes: [UInt8]) -> String {
        let groups = (bytes.count + 2) / 3
        return unsafe String(unsafeUninitializedCapacity: 4 * groups) { text in
            for group in 0..<groups {
                let bits =
                    byte(bytes, 3 * group) << 16 | byte(bytes, 3 * group + 1) << 8
                    | byte(bytes, 3 * group + 2)
                for index in 0..<4 {
                    unsafe text[4 * group + index] = UInt8(truncatingIfNeeded: bits &>> (18 - 6 * index)) & 63
                }
            }
            // In a loop of its own, for the compiler to take many at once.
            for index in 0..<4 * groups { unsafe text[index] = base64URLDigit(text[index]) }
            return (bytes.count * 4 + 2) / 3
        }
    }

    /// The digit of a value below 64, by arithmetic alone: a table or a branch
    /// would take a time that depends on it.
    private static func base64URLDigit(_ value: UInt8) -> UInt8 {
        let digit = value &+ UInt8(ascii: "A")
        /// What to add from `limit` on: the difference of two digits there.
        func step(_ limit: UInt8, _ from: Unicode.Scalar, _ to: Unicode.Scalar) -> UInt8 {
            let isReached = (limit &- 1 &- value) &>> 7
            return (0 &- isReached) & (UInt8(ascii: to) &- UInt8(ascii: from) &- 1)
        }
        return digit &+ step(26, "Z", "a") &+ step(52, "z", "0") &+ step(62, "9", "-") &+ step(63, "-", "_")
    }

    private static func byte(_ bytes: [UInt8], _ index: Int) -> UInt32 {
        index < bytes.count ? UInt32(bytes[index]) : 0
    }

    /// Nil if a character is not of the alphabet, or if `text` is not the one
    /// way to write its bytes (`sodium_base642bin`).
    public static func decodeBase64URL(_ text: String) -> [UInt8]? {
        var text = text
        let capacity = text.utf8.count / 4 * 3 + 2
        var isValid = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { bytes, count in
            isValid = text.withUTF8 { text in
                unsafe text.withMemoryRebound(to: CChar.self) { text in
                    // An empty text may have no address, and is no bytes.
                    guard let start = text.baseAddress else { return true }
                    return unsafe sodium_base642bin(
                        bytes.baseAddress!, capacity, start, text.count, nil, &count, nil, variant) == 0
                }
            }
        }
        return isValid ? bytes : nil
    }

    private static let variant = Int32(sodium_base64_VARIANT_URLSAFE_NO_PADDING)
}

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
    /// takes 54 instructions a digit, this 21, and a page with a form has 96 digits.
    public static func base64URL(_ bytes: [UInt8]) -> String {
        let groups = (bytes.count + 2) / 3
        return unsafe String(unsafeUninitializedCapacity: 4 * groups) { text in
            for group in 0..<groups {
                let digits = base64URLDigits(bytes, 3 * group)
                for index in 0..<4 { unsafe text[4 * group + index] = digits[index] }
            }
            return (bytes.count * 4 + 2) / 3
        }
    }

    /// The digits of three bytes, or of what is left, by arithmetic alone: a
    /// table or a branch would take a time that depends on them.
    private static func base64URLDigits(_ bytes: [UInt8], _ first: Int) -> SIMD4<UInt8> {
        let bits = Int32(bytes[first]) << 16 | byte(bytes, first + 1) << 8 | byte(bytes, first + 2)
        let values = SIMD4<Int32>(bits &>> 18, bits &>> 12, bits &>> 6, bits) & 63
        var digits = values &+ Int32(UInt8(ascii: "A"))
        digits.replace(with: values &+ (Int32(UInt8(ascii: "a")) - 26), where: values .>= 26)
        digits.replace(with: values &+ (Int32(UInt8(ascii: "0")) - 52), where: values .>= 52)
        digits.replace(with: Int32(UInt8(ascii: "-")), where: values .== 62)
        digits.replace(with: Int32(UInt8(ascii: "_")), where: values .== 63)
        return SIMD4(truncatingIfNeeded: digits)
    }

    private static func byte(_ bytes: [UInt8], _ index: Int) -> Int32 {
        index < bytes.count ? Int32(bytes[index]) : 0
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

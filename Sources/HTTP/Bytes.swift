extension [UInt8] {
    /// Appends the digits of a number that is not negative, without a string
    /// between.
    public mutating func append(decimal number: Int) {
        var digits: [20 of UInt8] = .init(repeating: 0)
        var first = digits.count
        var rest = UInt(number)
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for index in first..<digits.count { append(digits[index]) }
    }

    mutating func appendLineBreak() {
        append(UInt8(ascii: "\r"))
        append(UInt8(ascii: "\n"))
    }
}

extension Timestamp {
    /// An instant as Django writes it into SQLite, in UTC: `2026-01-31
    /// 23:59:59.123456`, without a fraction if that is zero. Nil if it is none.
    init?(django text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let day = Timestamp(date: String(parts[0])),
            let time = Self.microseconds(inDay: parts[1], fractionDigits: 6...6)
        else { return nil }
        self.init(microseconds: day.microseconds + time)
    }

    /// An instant of RFC 3339: `2026-01-31T23:59:59.123456+01:00`, the fraction
    /// of up to six digits; without an offset it is UTC. Nil if it is none, or
    /// not within the years 1 to 9999, which everybody can write and read.
    public init?(iso8601 text: String) {
        // By bytes: to Swift, a digit and a combining mark are one character.
        let bytes = Array(text.utf8)
        guard bytes.count >= 19, bytes.count <= 32, bytes[10] == UInt8(ascii: "T"),
            bytes.allSatisfy({ $0 < 0x80 })
        else { return nil }
        let day = Timestamp(date: String(decoding: bytes[..<10], as: UTF8.self))
        var time = bytes[11...]
        var offset: Int64 = 0
        if time.last == UInt8(ascii: "Z") {
            time.removeLast()
        } else if let sign = time.lastIndex(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }) {
            let distance = String(decoding: time[sign...].dropFirst(), as: UTF8.self) + ":00"
            guard let seconds = Self.microseconds(inDay: distance[...], fractionDigits: 6...6) else {
                return nil
            }
            offset = time[sign] == UInt8(ascii: "+") ? seconds : -seconds
            time = time[..<sign]
        }
        let clock = String(decoding: time, as: UTF8.self)
        guard let day, let clock = Self.microseconds(inDay: clock[...], fractionDigits: 1...6) else {
            return nil
        }
        let instant = day.microseconds + clock - offset
        // 0001-01-01 to 9999-12-31, UTC.
        guard (-62_135_596_800_000_000..<253_402_300_800_000_000).contains(instant) else { return nil }
        self.init(microseconds: instant)
    }

    /// `23:59:59.123456`, the fraction with so many digits, if there is one.
    private static func microseconds(inDay text: Substring, fractionDigits: ClosedRange<Int>) -> Int64? {
        let time = text.split(separator: ".", omittingEmptySubsequences: false)
        let clock = time[0].split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, clock.map(\.utf8.count) == [2, 2, 2], time.count <= 2,
            let hour = number(clock[0], below: 24), let minute = number(clock[1], below: 60),
            let second = number(clock[2], below: 60)
        else { return nil }
        var fraction: Int64 = 0
        if time.count == 2 {
            guard fractionDigits.contains(time[1].utf8.count) else { return nil }
            let padding = String(repeating: "0", count: 6 - time[1].utf8.count)
            guard let parsed = number(time[1] + padding, below: 1_000_000) else { return nil }
            fraction = parsed
        }
        return (hour * 3600 + minute * 60 + second) * 1_000_000 + fraction
    }

    private static func number(_ text: Substring, below limit: Int64) -> Int64? {
        guard text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            let number = Int64(text), number < limit
        else { return nil }
        return number
    }
}

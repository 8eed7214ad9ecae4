extension Timestamp {
    /// An instant as Django writes it into SQLite, in UTC: `2026-01-31
    /// 23:59:59.123456`, without a fraction if that is zero. Nil if it is none.
    init?(django text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let day = Timestamp(date: String(parts[0])) else { return nil }
        let time = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        let clock = time[0].split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, clock.map(\.utf8.count) == [2, 2, 2], time.count <= 2,
            let hour = Self.number(clock[0], below: 24), let minute = Self.number(clock[1], below: 60),
            let second = Self.number(clock[2], below: 60)
        else { return nil }
        var fraction: Int64 = 0
        if time.count == 2 {
            guard time[1].utf8.count == 6, let parsed = Self.number(time[1], below: 1_000_000) else {
                return nil
            }
            fraction = parsed
        }
        let instant = day + (hour * 3600 + minute * 60 + second)
        self.init(microseconds: instant.microseconds + fraction)
    }

    private static func number(_ text: Substring, below limit: Int64) -> Int64? {
        guard text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            let number = Int64(text), number < limit
        else { return nil }
        return number
    }
}

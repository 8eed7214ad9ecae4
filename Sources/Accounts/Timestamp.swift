public import Database

/// An instant: microseconds since 1970-01-01 00:00 UTC, as the database keeps it.
public struct Timestamp: Sendable, Hashable, Comparable, Bindable {
    public let microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The beginning of a day in UTC, from `2026-01-31`; nil if it is no date.
    public init?(date text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.map(\.count) == [4, 2, 2],
            parts.allSatisfy({ $0.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") } })
        else { return nil }
        let numbers = parts.compactMap { Int64(String(Substring($0))) }
        let (year, month, day) = (numbers[0], numbers[1], numbers[2])
        guard (1...12).contains(month), day >= 1 else { return nil }
        // The inverse of `calendarDate`.
        let shifted = month > 2 ? year : year - 1
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        self.init(microseconds: (era * 146_097 + dayOfEra - 719_468) * 86_400 * 1_000_000)
        // 31 April would be 1 May.
        guard date == text else { return nil }
    }

    public static func < (one: Timestamp, other: Timestamp) -> Bool {
        one.microseconds < other.microseconds
    }

    public static func + (instant: Timestamp, seconds: Int64) -> Timestamp {
        Timestamp(microseconds: instant.microseconds + seconds * 1_000_000)
    }

    public static func - (instant: Timestamp, seconds: Int64) -> Timestamp {
        instant + -seconds
    }

    public var databaseValue: Value { .integer(microseconds) }

    /// `2026-01-31T23:59:59.123456Z` (RFC 3339), as the API writes it.
    public var iso8601: String {
        "\(date)T\(time).\(padded(microsecond, 6))Z"
    }

    /// `2026-01-31`
    public var date: String {
        let (year, month, day) = calendarDate
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    /// `23:59:59`
    public var time: String {
        let second = secondOfDay
        return "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    }

    /// Whole seconds since 1970-01-01 00:00 UTC, as JSON Web Tokens count them.
    public var seconds: Int64 { floorDivide(microseconds, 1_000_000) }
    private var microsecond: Int64 { microseconds - seconds * 1_000_000 }
    /// Days since 1970-01-01 (UTC).
    public var day: Int64 { floorDivide(seconds, 86_400) }
    private var secondOfDay: Int64 { seconds - day * 86_400 }

    /// The proleptic Gregorian date. Years are counted from March, so that the
    /// leap day comes last; 400 years have 146,097 days.
    private var calendarDate: (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * month + 2) / 5 + 1
        return (
            yearOfEra + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9, dayOfMonth
        )
    }
}

private func floorDivide(_ dividend: Int64, _ divisor: Int64) -> Int64 {
    dividend >= 0 ? dividend / divisor : -((-dividend + divisor - 1) / divisor)
}

private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

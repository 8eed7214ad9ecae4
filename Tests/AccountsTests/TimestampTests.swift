import Database
import Foundation
import Testing

@testable import Accounts

struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1, "1970-01-01T00:00:00.000001Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (-1_000_000, "1969-12-31T23:59:59.000000Z"),
            (-86_400_000_000, "1969-12-31T00:00:00.000000Z"),
            (-86_400_000_001, "1969-12-30T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (951_868_800_000_000, "2000-03-01T00:00:00.000000Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
            (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z"),
            (1_709_251_199_123_456, "2024-02-29T23:59:59.123456Z"),
            (1_735_689_599_000_000, "2024-12-31T23:59:59.000000Z"),
            (-2_203_977_600_000_000, "1900-02-28T00:00:00.000000Z"),
            (-2_203_891_200_000_000, "1900-03-01T00:00:00.000000Z"),
            (-11_670_998_400_000_000, "1600-02-29T00:00:00.000000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
        ] as [(Int64, String)])
    func `an instant is written as RFC 3339 says`(microseconds: Int64, text: String) {
        let instant = Timestamp(microseconds: microseconds)
        #expect(instant.iso8601 == text)
        #expect(instant.date == text.prefix(10))
        #expect(instant.time == text.dropFirst(11).prefix(8))
    }

    @Test func `every day of 800 years has the date that Foundation gives it`() throws {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        for day in stride(from: Int64(-135_000), through: 157_000, by: 7) {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400)
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            let expected = String(
                format: "%04d-%02d-%02d", try #require(parts.year), try #require(parts.month),
                try #require(parts.day))
            #expect(Timestamp(microseconds: day * 86_400_000_000).date == expected)
        }
    }

    @Test func `seconds are added and taken away`() {
        let instant = Timestamp(microseconds: 5)
        #expect(instant + 2 == Timestamp(microseconds: 2_000_005))
        #expect(instant - 2 == Timestamp(microseconds: -1_999_995))
        #expect(instant < instant + 1)
        #expect(instant.databaseValue == .integer(5))
    }

    @Test func `a day is read back from what it is written as`() {
        // From the year 1 to the year 9909.
        for day in stride(from: Int64(-719_162), to: 2_900_000, by: 37) {
            let instant = Timestamp(microseconds: day * 86_400_000_000)
            #expect(Timestamp(date: instant.date) == instant)
        }
    }

    @Test(arguments: [
        "", "2026", "2026-1-1", "2026-13-01", "2026-00-10", "2026-02-29", "2026-04-31", "2026-01-00",
        "2026-01-32", "26-01-01", "2026-01-01T00", "+026-01-01", "2026/01/01", " 2026-01-01", "２026-01-01",
    ])
    func `what is no day is refused`(text: String) {
        #expect(Timestamp(date: text) == nil)
    }
}

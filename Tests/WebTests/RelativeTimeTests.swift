import Accounts
import Testing

@testable import Web

struct RelativeTimeTests {
    private static let minute: Int64 = 60
    private static let hour = 60 * minute
    private static let day = 24 * hour

    /// At noon of 15 July 2026.
    private static let noon = Timestamp(date: "2026-07-15")! + 12 * hour

    @Test(
        arguments: [
            (-3_600, .now), (0, .now), (59, .now), (60, .minutes(1)), (119, .minutes(1)), (120, .minutes(2)),
            (59 * minute + 59, .minutes(59)), (hour, .hours(1)), (2 * hour - 1, .hours(1)),
            (2 * hour, .hours(2)),
            // 13 hours ago it was the day before, and yet it is hours.
            (13 * hour, .hours(13)), (day - 1, .hours(23)), (day, .yesterday), (36 * hour, .yesterday),
            (36 * hour + 1, .days(2)), (2 * day, .days(2)), (7 * day, .days(7)), (29 * day, .days(29)),
            (30 * day, .months(1)), (59 * day, .months(1)), (60 * day, .months(2)), (91 * day, .months(3)),
            (364 * day, .months(11)), (365 * day, .years(1)), (729 * day, .years(1)), (730 * day, .years(2)),
            (20_000 * day, .years(54)),
        ] as [(Int64, RelativeTime)])
    func `how long ago something was, by a clock that stands still`(seconds: Int64, time: RelativeTime) {
        #expect(RelativeTime(from: Self.noon - seconds, to: Self.noon) == time)
    }

    @Test func `just after midnight, what was an hour ago was an hour ago`() {
        let midnight = Timestamp(date: "2026-01-01")!
        #expect(RelativeTime(from: midnight - 1, to: midnight + 30) == .now)
        #expect(RelativeTime(from: midnight - 1, to: midnight + 3_599) == .hours(1))
        #expect(RelativeTime(from: midnight - 1, to: midnight + 86_399) == .yesterday)
        #expect(RelativeTime(from: midnight - 2, to: midnight + 86_400) == .days(2))
    }
}

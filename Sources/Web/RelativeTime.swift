internal import Accounts

extension Site {
    /// How long ago an instant is, in words: "2 hours ago". Days are those of UTC, as
    /// everywhere on our pages.
    func timeAgo(_ instant: Timestamp) -> String {
        switch RelativeTime(from: instant, to: now()) {
        case .now: sentence(.agoNow)
        case .minutes(let count): sentence(.agoMinutes, "\(count)")
        case .hours(let count): sentence(.agoHours, "\(count)")
        case .yesterday: sentence(.agoYesterday)
        case .days(let count): sentence(.agoDays, "\(count)")
        case .months(let count): sentence(.agoMonths, "\(count)")
        case .years(let count): sentence(.agoYears, "\(count)")
        }
    }
}

/// How long ago something was, as people say it: rounded down, in the largest unit that
/// fits.
enum RelativeTime: Equatable {
    /// Less than a minute ago, or, if two clocks differ, later than now.
    case now
    case minutes(Int64)
    case hours(Int64)
    case yesterday
    /// Two or more.
    case days(Int64)
    case months(Int64)
    case years(Int64)

    private static let hour: Int64 = 3_600
    private static let day: Int64 = 86_400

    init(from instant: Timestamp, to now: Timestamp) {
        let seconds = now.seconds - instant.seconds
        // Up to a day it matters how long; from then on, which day it was.
        let days = now.day - instant.day
        self =
            switch seconds {
            case ..<60: .now
            case ..<Self.hour: .minutes(seconds / 60)
            case ..<Self.day: .hours(seconds / Self.hour)
            default:
                switch days {
                case 1: .yesterday
                case ..<30: .days(days)
                case ..<365: .months(min(days / 30, 11))
                default: .years(days / 365)
                }
            }
    }
}

internal import Database

/// What the five characters say that come with each refusal
/// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
enum SQLState {
    static func reason(for state: String) -> DatabaseError.Reason {
        switch state {
        // A conflict of transactions, a deadlock, a lock that was not given.
        case "40001", "40P01", "55P03": .busy
        // No room on the device; it failed.
        case "53100", "58030": .storage
        // The data, or an index, is damaged.
        case "XX001", "XX002": .corrupt
        // No such database; no right to it; not to be written to.
        case "3D000", "42501", "25006": .unavailable
        default:
            switch state.prefix(2) {
            case "23": .constraint
            // The connection, the log-in, too many of something, a shutdown.
            case "08", "28", "53": .unavailable
            case "57" where state.hasPrefix("57P"): .unavailable
            default: .other
            }
        }
    }

    /// Whether the message holds values of a query: those of data that cannot
    /// be used do (`invalid input syntax for type integer: "…"`), and those
    /// that a procedure raises may.
    static func citesValues(_ state: String) -> Bool {
        state.hasPrefix("22") || state.hasPrefix("P0")
    }
}

/// Why a database refused. The message is for the log: it never holds a
/// parameter of a query.
public struct DatabaseError: Error, Sendable, CustomStringConvertible {
    public enum Reason: Sendable {
        /// A UNIQUE, FOREIGN KEY, NOT NULL or CHECK constraint was violated.
        case constraint
        /// Somebody else held the database longer than a writer waits.
        case busy
        /// No room on the device, or it failed.
        case storage
        /// The file or an answer is not what it should be.
        case corrupt
        /// The database cannot be opened or reached.
        case unavailable
        /// Everything else: a fault of ours.
        case other
    }

    public let reason: Reason
    public let message: String

    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    public var description: String { message }
}

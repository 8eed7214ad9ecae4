public import Accounts
public import HTTP

/// What the log says of each request.
public struct RequestLine: Sendable {
    /// When it was answered.
    public let instant: Timestamp
    public let microseconds: Int64
    /// An address, as the web server or a trusted proxy has seen it.
    public let client: String
    public let method: HTTP.Method
    /// As it was sent. Links have their token in the query: that is not for a log.
    public let target: String
    public let status: Status
    public let user: User.ID?
    /// What the visitor was told, if it is an error.
    public let reference: String?
}

extension RequestLine {
    init(_ visit: Visit, _ status: Status, beginning: Timestamp, end: Timestamp) {
        self.init(
            instant: end,
            // A clock can be set back.
            microseconds: max(0, end.microseconds - beginning.microseconds),
            client: visit.clientText, method: visit.request.method, target: visit.request.target,
            status: status, user: visit.caller, reference: status.rawValue < 400 ? nil : visit.reference)
    }
}

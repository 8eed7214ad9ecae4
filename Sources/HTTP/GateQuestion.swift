/// What stands before the gate, as `nginx/http.conf` tells it.
public enum GateQuestion: String, Sendable {
    /// A person who opens a page.
    case page
    /// Anything else: a script of a page, a program.
    case call
    /// Who wants a WebSocket.
    case handshake
}

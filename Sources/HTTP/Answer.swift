/// What becomes of a request in a thread that must not wait.
public enum Answer: Sendable {
    case now(Response)
    /// It takes long, which showed only on the way; nothing was done.
    case later(Request)
}

/// What becomes of a request in a thread that must not wait.
public enum Answer: Sendable {
    case now(Response)
    /// It waits for another program, which showed only on the way; nothing was done.
    case later(Request)
}

/// Who answers a request: how long those are kept up that come after it.
public enum Lane: Sendable {
    /// It is answered at once.
    case ordinary
    /// It takes the processor for long: it hashes a password, or decodes a photo.
    case slow
    /// It waits for another program.
    case waiting
}

/// Why the Label Studio behind the gate did not do what it was asked for.
public enum UpstreamFailure: Error, Sendable, Equatable {
    /// Nobody listens there; what libcurl says.
    case unreachable(String)
    /// It did not answer in time.
    case slow
    /// What we sign with is not its `SECRET_KEY`.
    case wrongKey
    /// It does not let in whom the token names: there is no such account, or it is
    /// inactive, or its organization has switched personal access tokens off.
    case unknownUser(Int64)
    /// It makes no account: sign-up is closed there, and there was no valid link.
    case signUpRefused
    /// The address has an account there.
    case emailTaken
    /// Something that a Label Studio does not answer: it is another program, or
    /// another version, or it is broken.
    case unexpected(String)
}

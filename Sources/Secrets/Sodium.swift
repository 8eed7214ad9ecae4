internal import CSodium

/// libsodium, initialized. Everything in this module goes through it.
enum Sodium {
    /// `sodium_init`, once, before any other call. It fails only if the system
    /// has no source of randomness; nothing here could work then.
    static let isReady: Bool = {
        precondition(sodium_init() >= 0, "libsodium finds no source of randomness")
        return true
    }()
}

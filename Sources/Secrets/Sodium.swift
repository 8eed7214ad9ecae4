internal import CSodium

/// libsodium, initialized. Everything in this module goes through it.
enum Sodium {
    /// `sodium_init`, once, before any other call. It fails only if the system
    /// has no source of randomness; nothing here could work then.
    ///
    /// Random bytes come from libsodium's own generator, one for each thread,
    /// seeded by the system: every page needs some, and not a system call.
    static let isReady: Bool = {
        randombytes_use_internal()
        precondition(sodium_init() >= 0, "libsodium finds no source of randomness")
        return true
    }()
}

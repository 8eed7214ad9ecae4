internal import Glibc

/// Starting other programs.
enum ChildProcess {
    /// The path of a program: in `PATH`, or where system programs are.
    static func find(_ name: String) -> String? {
        let path = SettingValues.environment()["PATH"] ?? ""
        let directories =
            path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        return directories.map { "\($0)/\(name)" }.first { unsafe access($0, X_OK) == 0 }
    }

    /// Starts a program in a process group of its own, so that a Ctrl-C at the
    /// terminal reaches us only, and with no signal held back.
    ///
    /// - Returns: the process; nil if it could not be started.
    static func spawn(_ program: String, _ arguments: [String]) -> pid_t? {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETPGROUP))

        var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
        unsafe words.append(nil)
        defer { unsafe words.forEach { unsafe free($0) } }
        var process = pid_t()
        guard unsafe posix_spawn(&process, program, nil, &attributes, words, environ) == 0 else { return nil }
        return process
    }
}

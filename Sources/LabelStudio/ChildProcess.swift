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
        return unsafe withWords(arguments) { words in
            var process = pid_t()
            let code = unsafe posix_spawn(&process, program, nil, &attributes, words, environ)
            return code == 0 ? process : nil
        }
    }

    /// Runs a program to its end.
    ///
    /// - Parameter output: the descriptor that its standard output becomes.
    /// - Returns: its exit status; nil if it could not be started, or was killed.
    static func run(_ program: String, _ arguments: [String], output: Int32) -> Int32? {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        let process: pid_t? = unsafe withWords(arguments) { words in
            var process = pid_t()
            return unsafe posix_spawn(&process, program, &actions, nil, words, environ) == 0 ? process : nil
        }
        guard let process else { return nil }
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return nil }
        }
        // WIFEXITED, WEXITSTATUS
        return status & 0x7f == 0 ? status >> 8 & 0xff : nil
    }

    /// The arguments as C wants them.
    private static func withWords<Result>(
        _ arguments: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
        unsafe words.append(nil)
        defer { unsafe words.forEach { unsafe free($0) } }
        return unsafe body(words)
    }
}

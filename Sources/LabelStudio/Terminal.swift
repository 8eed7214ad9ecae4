internal import Glibc

/// The terminal, or whatever standard input and output are.
enum Terminal {
    /// To standard output.
    static func print(_ line: String) {
        write(line, to: STDOUT_FILENO)
    }

    /// To standard error: nothing that a script reads.
    static func note(_ line: String) {
        write(line, to: STDERR_FILENO)
    }

    /// To standard output, as they are: all of them.
    static func write(_ bytes: [UInt8]) throws(Files.Failure) {
        guard write(bytes, to: STDOUT_FILENO) else { throw Files.Failure("standard output") }
    }

    private static func write(_ line: String, to descriptor: Int32) {
        _ = write(Array((line + "\n").utf8), to: descriptor)
    }

    /// - Returns: false, with `errno`, if not all of it could be written.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            // The disk is full, or whoever reads it has gone.
            guard count > 0 else { return false }
            rest.removeFirst(count)
        }
        return true
    }

    /// One line of standard input, without its end.
    static func readLine() -> String {
        Swift.readLine(strippingNewline: true) ?? ""
    }

    /// Asks for a secret; what is typed is not shown.
    static func readSecret(prompt: String) -> String {
        guard isatty(STDIN_FILENO) == 1 else { return readLine() }
        note(prompt)
        var shown = termios()
        unsafe tcgetattr(STDIN_FILENO, &shown)
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer { unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown) }
        return readLine()
    }
}

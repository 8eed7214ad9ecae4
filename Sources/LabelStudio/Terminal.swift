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

    private static func write(_ line: String, to descriptor: Int32) {
        var text = line + "\n"
        text.withUTF8 { bytes in _ = unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
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

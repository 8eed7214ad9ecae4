internal import Glibc
internal import Threads
internal import Web

/// The terminal, or whatever standard input and output are.
enum Terminal {
    /// To standard output.
    static func print(_ line: String) {
        write(line, to: STDOUT_FILENO)
    }

    /// To standard error: nothing that a script reads.
    ///
    /// - Parameter level: how much it matters, for the journal.
    static func note(_ line: String, _ level: Event.Level = .info) {
        write(Journal.isStandardError ? Journal.marked(line, level) : line, to: STDERR_FILENO)
    }

    /// To standard output, as they are: all of them.
    static func write(_ bytes: [UInt8]) throws(Files.Failure) {
        guard write(bytes, to: STDOUT_FILENO) else { throw Files.Failure("standard output") }
    }

    /// To standard error, as they are. If nobody reads them, there is nobody to
    /// tell.
    static func note(_ bytes: [UInt8]) {
        _ = write(bytes, to: STDERR_FILENO)
    }

    private static func write(_ line: String, to descriptor: Int32) {
        _ = write(Array((line + "\n").utf8), to: descriptor)
    }

    /// One writer at a time, whatever he writes: a pipe takes long writes in
    /// pieces, and both descriptors may be one pipe.
    private static let turn = Locked(())

    /// - Returns: false, with `errno`, if not all of it could be written.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        turn.withLock { _ in unsafe bytes.withUnsafeBytes { unsafe write($0, to: descriptor) } }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var rest = unsafe bytes[...]
        while unsafe !rest.isEmpty {
            let count = unsafe Glibc.write(
                descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                unsafe poll(&waiting, 1, -1)
                continue
            }
            // The disk is full, or whoever reads it has gone.
            guard count > 0 else { return false }
            unsafe rest = rest.dropFirst(count)
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

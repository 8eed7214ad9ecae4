internal import Glibc
internal import Threads

/// Answers `GET /metrics` on a socket of its own, one request after the other.
final class MetricsServer: Sendable {
    private let listener: ListeningSocket
    private let ending = Ending()
    private let thread: Thread

    /// - Parameters:
    ///   - listener: becomes the server's.
    ///   - text: the figures as they are when somebody asks.
    init(_ listener: ListeningSocket, text: @escaping @Sendable () -> String) {
        self.listener = listener
        let descriptor = listener.descriptor
        // Another process may be faster, if it was inherited.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        thread = Thread { [ending] in
            while ending.wait(orInputOn: descriptor) {
                let connection = accept(descriptor, nil, nil)
                if connection >= 0 {
                    MetricsExchange(connection).answer(text)
                } else if errno == EMFILE || errno == ENFILE {
                    _ = ending.wait(.milliseconds(100))
                }
            }
        }
    }

    /// Finishes the request in progress.
    func stop() {
        ending.come()
        thread.join()
        listener.close()
    }
}

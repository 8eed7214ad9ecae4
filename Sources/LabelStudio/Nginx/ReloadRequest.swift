internal import Glibc
internal import Web

/// Asks for a reload of an nginx that is not ours, by a file in the data directory.
/// Whoever may reload nginx takes the file away and does it; with systemd that is
/// label-studio-nginx.path.
final class ReloadRequest {
    /// Within this time it is taken, or somebody should know.
    static let patience: Duration = .seconds(15)

    private let file: String
    /// That WebSockets were begun: after a restart nobody knows whose those are
    /// that are still open.
    private let mark: String
    private let log: (Event) -> Void
    private var isMarked = false
    private var madeAt: ContinuousClock.Instant?

    init(in directory: String, log: @escaping (Event) -> Void) {
        file = directory + "/nginx-reload"
        mark = directory + "/web-sockets"
        self.log = log
    }

    /// At the start of the program: ends the WebSockets that were begun before.
    func beginAnew() {
        guard Files.exists(mark) else { return }
        do {
            try make()
            unsafe unlink(mark)
            log(Event(.notice, "web-sockets-ended", [("reason", "restart")]))
        } catch {
            log(Event(.error, "web-sockets-not-ended", [("error", "\(error)")]))
        }
    }

    func make() throws(Files.Failure) {
        try Files.write([], to: file)
        madeAt = .now
    }

    /// Every few seconds.
    ///
    /// - Parameter areOpen: whether there may be open WebSockets.
    func look(areOpen: Bool, at instant: ContinuousClock.Instant = .now) {
        if areOpen, !isMarked { note() }
        guard let madeAt, instant - madeAt >= Self.patience else { return }
        self.madeAt = nil
        guard !Files.isAbsent(file) else { return }
        let advice = "systemctl enable --now label-studio-nginx.path"
        log(Event(.warning, "nginx-not-reloaded", [("file", file), ("advice", advice)]))
    }

    private func note() {
        do {
            try Files.write([], to: mark)
            isMarked = true
        } catch {
            log(Event(.warning, "web-sockets-not-noted", [("error", "\(error)")]))
        }
    }
}

internal import Enrollment
internal import Threads
internal import Web

/// A thread that looks after the Label Studio behind the gate: it tells the log when
/// that stops answering or changes, and gives people there their new names.
final class LabelingServerWatch: Sendable {
    private let ending = Ending()
    private let thread: Thread

    /// - Parameters:
    ///   - pause: between two looks for names; every second time, it is asked how it does.
    ///   - server: the one to look after; a reload may change its key.
    ///   - answers: is told whether it answers.
    init(
        pause: Duration = .seconds(15), server: @escaping @Sendable () -> Enroller?,
        answers: @escaping @Sendable (Bool) -> Void, log: @escaping @Sendable (Event) -> Void
    ) {
        thread = Thread { [ending] in
            var round = LabelingServerRound(log: log)
            var isEven = true
            repeat {
                guard let server = server() else { continue }
                if isEven { answers(round.ask(server)) }
                round.sendNames(server)
                isEven.toggle()
            } while !ending.wait(pause)
        }
    }

    /// Waits for the request in progress.
    func stop() {
        ending.come()
        thread.join()
    }
}

import Glibc
import Testing
import Threads

@testable import LabelStudio

/// What a service manager hears of a watchdog whose first answer does not come.
struct WatchdogTests {
    @Test func `one answer that does not come is forgiven`() throws {
        let name = "@label-studio-watchdog-\(getpid())"
        let address = try #require(UnixAddress(name))
        let listener = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(listener) }
        #expect(unsafe address.withPointer { unsafe bind(listener, $0, $1) } == 0)
        let manager = try #require(ServiceManager.take(["NOTIFY_SOCKET": name]))
        let patience = Duration.seconds(5)
        let isFirst = Locked(true)

        let start = ContinuousClock.now
        let watchdog = Watchdog(
            patience: patience, manager: manager,
            answers: { limit in
                let fails = isFirst.withLock { isFirst in
                    defer { isFirst = false }
                    return isFirst
                }
                if fails { usleep(UInt32(limit / .microseconds(1))) }
                return !fails
            }, log: { _ in })
        var word = [UInt8](repeating: 0, count: 64)
        let count = unsafe recv(listener, &word, word.count, 0)
        let silence = ContinuousClock.now - start
        watchdog.stop()

        #expect(word.prefix(max(count, 0)).elementsEqual("WATCHDOG=1".utf8))
        #expect(silence < patience)
    }
}

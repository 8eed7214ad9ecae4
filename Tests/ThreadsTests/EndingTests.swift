import Testing
import Threads

struct EndingTests {
    @Test func `Waiting takes as long as it is said to, and no longer once the end has come`() {
        let ending = Ending()
        let start = ContinuousClock.now
        #expect(!ending.wait(.milliseconds(30)))
        #expect(ContinuousClock.now - start >= .milliseconds(30))
        ending.come()
        ending.come()
        #expect(ending.wait(.seconds(600)))
        #expect(ending.wait(.zero))
    }

    @Test func `Every thread that waits goes on`() {
        let ending = Ending()
        let ended = Locked(0)
        let threads = (0..<3).map { _ in
            Thread { if ending.wait(.seconds(600)) { ended.withLock { $0 += 1 } } }
        }
        ending.come()
        for thread in threads { thread.join() }
        #expect(ended.withLock { $0 } == 3)
    }
}

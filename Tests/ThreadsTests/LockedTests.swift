import Testing
import Threads

struct LockedTests {
    @Test func `many threads count without losing a count`() {
        let counter = Locked(0)
        let threads = (0..<32).map { _ in
            Thread { for _ in 0..<2_000 { counter.withLock { $0 += 1 } } }
        }
        for thread in threads { thread.join() }
        #expect(counter.withLock { $0 } == 64_000)
    }

    @Test func `two values change together or not at all`() {
        let pair = Locked((first: 0, second: 0))
        let torn = Locked(0)
        let writers = (0..<4).map { number in
            Thread {
                for step in 0..<2_000 {
                    pair.withLock {
                        $0.first = number * 10_000 + step
                        $0.second = number * 10_000 + step
                    }
                }
            }
        }
        let readers = (0..<4).map { _ in
            Thread {
                for _ in 0..<2_000 where pair.withLock({ $0.first != $0.second }) {
                    torn.withLock { $0 += 1 }
                }
            }
        }
        for thread in writers + readers { thread.join() }
        #expect(torn.withLock { $0 } == 0)
    }

    @Test func `who does not want to wait goes on without the value`() {
        let value = Locked(1)
        value.withLock { outer in
            let other = Thread {
                #expect(value.withLock(waiting: .zero) { $0 } == nil)
                #expect(value.withLock(waiting: .milliseconds(1_100)) { $0 } == nil)
            }
            other.join()
            outer = 2
        }
        #expect(value.withLock(waiting: .zero) { $0 } == 2)
    }

    private struct Failure: Error {}

    @Test func `an error leaves the lock open and the change made`() {
        let value = Locked(1)
        #expect(throws: Failure.self) {
            try value.withLock { value throws(Failure) in
                value = 2
                throw Failure()
            }
        }
        #expect(value.withLock { $0 } == 2)
    }

    @Test func `the result of the body comes back`() {
        #expect(Locked([1, 2]).withLock { $0.popLast() } == 2)
    }

    @Test func `a joined thread has done its work`() {
        let done = Locked(false)
        Thread { done.withLock { $0 = true } }.join()
        #expect(done.withLock { $0 })
    }
}

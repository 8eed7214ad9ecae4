import Threads

/// Runs `body` that many times, each on a thread of its own, and returns what
/// they returned.
func inThreads<Result: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> Result) -> [Result] {
    let results = Locked<[Result]>([])
    let threads = (0..<count).map { number in
        Thread {
            let result = body(number)
            results.withLock { $0.append(result) }
        }
    }
    for thread in threads { thread.join() }
    return results.withLock { $0 }
}

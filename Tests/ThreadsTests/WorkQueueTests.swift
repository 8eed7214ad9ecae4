import Testing
import Threads

struct WorkQueueTests {
    @Test func `elements come out in the order in which they went in`() {
        let queue = WorkQueue<Int>(capacity: 3)
        for round in 0..<100 {
            for number in 0..<3 { #expect(queue.push(round * 3 + number)) }
            for number in 0..<3 { #expect(queue.pop() == round * 3 + number) }
        }
    }

    @Test func `the order stays when the queue is never empty`() {
        let queue = WorkQueue<Int>(capacity: 4)
        #expect(queue.push(0))
        for number in 1..<1_000 {
            #expect(queue.push(number))
            #expect(queue.pop() == number - 1)
        }
        #expect(queue.pop() == 999)
    }

    @Test(arguments: [1, 2, 64])
    func `as many elements as the capacity wait, one more is refused at once`(capacity: Int) {
        let queue = WorkQueue<Int>(capacity: capacity)
        for number in 0..<capacity { #expect(queue.push(number)) }
        #expect(!queue.push(-1))
        #expect(queue.pop() == 0)
        #expect(queue.push(capacity))
        #expect(!queue.push(-1))
    }

    @Test func `a queue without capacity refuses everything`() {
        #expect(!WorkQueue<Int>(capacity: 0).push(1))
    }

    @Test func `a closed queue hands out what waits, takes nothing more and then ends`() {
        let queue = WorkQueue<Int>(capacity: 8)
        #expect(queue.push(1))
        #expect(queue.push(2))
        queue.close()
        #expect(!queue.push(3))
        #expect(queue.pop() == 1)
        #expect(queue.pop() == 2)
        #expect(queue.pop() == nil)
        #expect(queue.pop() == nil)
    }

    @Test func `who waits for an element gets it`() {
        let queue = WorkQueue<Int>(capacity: 1)
        let answers = WorkQueue<Int>(capacity: 1)
        let thread = Thread { if let number = queue.pop() { _ = answers.push(number + 1) } }
        #expect(queue.push(41))
        #expect(answers.pop() == 42)
        thread.join()
    }

    @Test func `closing wakes all who wait`() {
        let queue = WorkQueue<Int>(capacity: 1)
        let ended = Locked(0)
        let threads = (0..<16).map { _ in
            Thread { if queue.pop() == nil { ended.withLock { $0 += 1 } } }
        }
        queue.close()
        for thread in threads { thread.join() }
        #expect(ended.withLock { $0 } == 16)
    }

    @Test func `every element that many threads push is popped once, in order for each`() {
        let queue = WorkQueue<[Int]>(capacity: 50)
        let popped = Locked<[[Int]]>([])
        let refused = Locked(0)
        let consumers = (0..<4).map { _ in
            Thread {
                var mine: [[Int]] = []
                while let element = queue.pop() { mine.append(element) }
                let all = mine
                popped.withLock { $0 += all }
            }
        }
        let producers = (0..<8).map { producer in
            Thread {
                for number in 0..<500 {
                    while !queue.push([producer, number]) { refused.withLock { $0 += 1 } }
                }
            }
        }
        for thread in producers { thread.join() }
        queue.close()
        for thread in consumers { thread.join() }
        let all = popped.withLock { $0 }
        #expect(all.count == 4_000)
        #expect(Set(all).count == 4_000)
    }

    @Test func `one consumer sees the elements of each producer in order`() {
        let queue = WorkQueue<[Int]>(capacity: 10_000)
        let producers = (0..<8).map { producer in
            Thread { for number in 0..<500 { _ = queue.push([producer, number]) } }
        }
        for thread in producers { thread.join() }
        queue.close()
        var next = [Int](repeating: 0, count: 8)
        while let element = queue.pop() {
            #expect(element[1] == next[element[0]])
            next[element[0]] += 1
        }
        #expect(next == [Int](repeating: 500, count: 8))
    }

    @Test func `elements that were not popped are released with the queue`() {
        final class Token: Sendable {}
        weak var released: Token?
        do {
            let queue = WorkQueue<Token>(capacity: 2)
            let token = Token()
            released = token
            #expect(queue.push(token))
        }
        #expect(released == nil)
    }

    @Test func `a popped element is not kept by the queue`() {
        final class Token: Sendable {}
        let queue = WorkQueue<Token>(capacity: 3)
        weak var released: Token?
        do {
            let token = Token()
            released = token
            #expect(queue.push(token))
        }
        #expect(queue.push(Token()))
        _ = queue.pop()
        #expect(released == nil)
    }
}

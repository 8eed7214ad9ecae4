import FastCGI
import HTTP
import Testing
import Threads

@Suite(.timeLimit(.minutes(10)))
struct SlowLaneTests {
    /// A responder with one worker; slow requests wait for `goOn`.
    private final class Lane: Sendable {
        let entered = WorkQueue<String>(capacity: 100)
        let goOn = WorkQueue<Int>(capacity: 100)
        let slowSeen = Locked(0)
        let server: Server

        init(slowWorkers: Int, slowQueue: Int) throws {
            var limits = Responder.Limits()
            limits.workers = 1
            limits.slowWorkers = slowWorkers
            limits.slowQueue = slowQueue
            server = try Server(
                limits,
                lane: { [slowSeen] request in
                    guard request.target.hasPrefix("/slow") else { return .ordinary }
                    slowSeen.withLock { $0 += 1 }
                    return .slow
                },
                answer: { [entered, goOn] request in
                    if request.target.hasPrefix("/slow") {
                        _ = entered.push(request.target)
                        _ = goOn.pop()
                    }
                    return echo(request)
                })
        }

        /// A test that fails early must not leave a worker waiting.
        deinit {
            goOn.close()
        }

        /// Sends a slow request and returns when the worker has put it into the
        /// queue: it is the only worker, so it has, once it answers another.
        func sendSlowly(_ target: String) -> Client {
            let client = server.client()
            let before = slowSeen.withLock { $0 }
            client.send("POST", target)
            let other = server.client()
            repeat {
                other.send("GET", "/fast")
                _ = other.receive()
            } while slowSeen.withLock { $0 } == before
            other.send("GET", "/fast")
            _ = other.receive()
            return client
        }
    }

    @Test
    func
        `with all slow workers busy and the queue full, refusal comes at once and fast requests are answered`()
        throws
    {
        let lane = try Lane(slowWorkers: 2, slowQueue: 3)
        var clients: [Client] = []
        for number in 0..<2 {
            clients.append(lane.sendSlowly("/slow\(number)"))
            #expect(lane.entered.pop() != nil)
        }
        for number in 2..<5 { clients.append(lane.sendSlowly("/slow\(number)")) }

        let refused = lane.server.client()
        for _ in 0..<3 {
            refused.send("POST", "/slow refused")
            let answer = try #require(refused.receive())
            #expect(answer.text == "refused")
            #expect(answer.head.hasPrefix("Status: 503 "))
            refused.send("GET", "/fast")
            #expect(refused.receive()?.text == "/fast\n")
        }

        for _ in 0..<5 { #expect(lane.goOn.push(1)) }
        for (number, client) in clients.enumerated() {
            #expect(client.receive()?.text == "/slow\(number)\n")
        }
        // There is room again.
        #expect(lane.goOn.push(1))
        refused.send("POST", "/slow again")
        #expect(refused.receive()?.text == "/slow again\n")
    }

    @Test func `what waits for another program keeps up neither slow requests nor ordinary ones`() throws {
        let entered = WorkQueue<Int>(capacity: 10)
        let goOn = WorkQueue<Int>(capacity: 10)
        let postponed = WorkQueue<Int>(capacity: 10)
        defer { goOn.close() }
        var limits = Responder.Limits()
        // One after the other: what is asked after a request was postponed finds it in the queue.
        limits.workers = 1
        limits.slowWorkers = 1
        limits.waitingWorkers = 1
        limits.waitingQueue = 1
        let server = try Server(
            limits,
            lane: { $0.target == "/waiting" ? .waiting : $0.target == "/slow" ? .slow : .ordinary },
            answerAtOnce: { request in
                guard request.target == "/waits after all" else { return .now(echo(request)) }
                _ = postponed.push(1)
                return .later(request)
            },
            answer: { request in
                if request.target.hasPrefix("/wait") {
                    _ = entered.push(1)
                    _ = goOn.pop()
                }
                return echo(request)
            })
        let first = server.client()
        first.send("GET", "/waiting")
        #expect(entered.pop() != nil)
        let second = server.client()
        second.send("GET", "/waits after all")
        #expect(postponed.pop() != nil)
        let others = server.client()
        others.send("GET", "/fast")
        #expect(others.receive()?.text == "/fast\n")
        others.send("GET", "/waits after all")
        #expect(others.receive()?.text == "refused")
        others.send("POST", "/slow")
        #expect(others.receive()?.text == "/slow\n")
        for _ in 0..<2 { #expect(goOn.push(1)) }
        #expect(first.receive()?.text == "/waiting\n")
        #expect(second.receive()?.text == "/waits after all\n")
    }

    @Test func `the load says what is in progress, what waits and what was refused`() throws {
        let lane = try Lane(slowWorkers: 1, slowQueue: 2)
        let responder = lane.server.responder
        func becomes(_ expected: [Int]) -> Bool {
            for _ in 0..<2_000 {
                let load = responder.currentLoad
                if [load.inProgress, load.slowWaiting, load.slowRefused] == expected { return true }
                _ = Ending().wait(.milliseconds(5))
            }
            return false
        }
        #expect(becomes([0, 0, 0]))
        #expect(responder.currentLoad.slowCapacity == 2)
        var clients = [lane.sendSlowly("/slow0")]
        #expect(lane.entered.pop() != nil)
        for number in 1...2 { clients.append(lane.sendSlowly("/slow\(number)")) }
        let refused = lane.server.client()
        refused.send("POST", "/slow refused")
        #expect(refused.receive()?.text == "refused")
        #expect(responder.answers("/fast", within: .seconds(20)))
        #expect(becomes([3, 2, 1]))
        for _ in 0..<3 { #expect(lane.goOn.push(1)) }
        for client in clients { #expect(client.receive() != nil) }
        #expect(becomes([0, 0, 1]))
    }

    @Test func `slow requests are taken in the order in which they came`() throws {
        let lane = try Lane(slowWorkers: 1, slowQueue: 10)
        var clients: [Client] = []
        for number in 0..<6 { clients.append(lane.sendSlowly("/slow\(number)")) }
        for _ in 0..<6 { #expect(lane.goOn.push(1)) }
        for client in clients { #expect(client.receive() != nil) }
        for number in 0..<6 { #expect(lane.entered.pop() == "/slow\(number)") }
    }

    @Test func `stopping answers what is in flight and in the queue, and returns`() throws {
        let lane = try Lane(slowWorkers: 1, slowQueue: 10)
        var clients: [Client] = []
        for number in 0..<3 { clients.append(lane.sendSlowly("/slow\(number)")) }
        let stopped = Locked(false)
        let stopping = Thread {
            lane.server.stop()
            stopped.withLock { $0 = true }
        }
        #expect(lane.entered.pop() == "/slow0")
        #expect(!stopped.withLock { $0 })
        for _ in 0..<3 { #expect(lane.goOn.push(1)) }
        for (number, client) in clients.enumerated() {
            #expect(client.receive()?.text == "/slow\(number)\n")
            client.close()
        }
        stopping.join()
        #expect(stopped.withLock { $0 })
    }
}

@Suite(.timeLimit(.minutes(10)))
struct StoppingTests {
    @Test func `open connections are served until the web server closes them`() throws {
        let server = try Server(answer: echo)
        let clients = (0..<10).map { _ in server.client() }
        for client in clients {
            client.send("GET", "/before")
            #expect(client.receive() != nil)
        }
        let stopping = Thread { server.stop() }
        for client in clients {
            client.send("POST", "/during", body: [120])
            #expect(client.receive()?.text == "/during\nx")
            client.close()
        }
        stopping.join()
        #expect(server.responder.openConnections == 0)
    }

    @Test func `a connection that nobody closes is closed in the end`() throws {
        var limits = Responder.Limits()
        limits.drainSeconds = 1
        let server = try Server(limits, answer: echo)
        let client = server.client()
        client.send()
        #expect(client.receive() != nil)
        server.stop()
        #expect(client.isEnded())
        #expect(server.responder.openConnections == 0)
    }

    @Test func `a connection that comes after stopping waits for a successor`() throws {
        let server = try Server(answer: echo)
        server.stop()
        let client = server.client()
        client.send("GET", "/later")
        let successor = Responder(
            listener: server.listener, limits: Responder.Limits(),
            handler: Responder.Handler(answer: echo, lane: { _ in .ordinary }, refuse: echo))
        successor.start()
        #expect(client.receive()?.text == "/later\n")
        client.close()
        successor.stop()
    }

    @Test func `stopping without connections returns at once`() throws {
        let server = try Server(answer: echo)
        let began = ContinuousClock.now
        server.stop()
        #expect(ContinuousClock.now - began < .seconds(5))
    }
}

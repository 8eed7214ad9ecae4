import FastCGI
import HTTP
import Testing
import Threads

/// Bodies that are longer than what fits into a socket.
@Suite(.timeLimit(.minutes(10)))
struct LongRequestTests {
    private func server(_ change: (inout Responder.Limits) -> Void = { _ in }) throws -> Server {
        var limits = Responder.Limits()
        limits.workers = 1
        change(&limits)
        return try Server(
            limits, mayBringFile: { method, target in method == .post && target.hasPrefix("/file") },
            answer: echo)
    }

    private func body(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    }

    @Test func `a long body arrives whole, and the connection serves on`() throws {
        let client = try server().client()
        for count in [65_536, 65_537, 150_000, 1_114_112] {
            client.send("POST", "/file?x", body: body(count))
            #expect(client.receive()?.body == Array("/file?x\n".utf8) + body(count))
            client.send("GET", "/next")
            #expect(client.receive()?.text == "/next\n")
        }
    }

    @Test(arguments: [("POST", "/file", 1_114_113), ("PUT", "/file", 65_537), ("POST", "/other", 65_537)])
    func `a longer body, or one of another request, is too large`(method: String, target: String, count: Int)
        throws
    {
        let client = try server().client()
        client.send(method, target, body: body(count))
        #expect(client.receive()?.text == "too large")
    }

    @Test func `the parameters may come in several records`() throws {
        let client = try server().client()
        let whole = Client.request(
            ["REQUEST_METHOD": "POST", "REQUEST_URI": "/file", "CONTENT_LENGTH": "70000"],
            body: body(70_000), keepsConnection: true)
        // Behind the record that begins the request.
        let length = Int(whole[16 + 4]) << 8 | Int(whole[16 + 5])
        let parameters = Array(whole[24..<24 + length])
        client.write(Array(whole[..<16]))
        for start in stride(from: 0, to: length, by: 7) {
            client.write(Client.record(4, Array(parameters[start..<min(start + 7, length)])))
        }
        client.write(Array(whole[(24 + length)...]))
        #expect(client.receive()?.body == Array("/file\n".utf8) + body(70_000))
    }

    @Test(arguments: [69_999, 70_001, 200_000])
    func `a long body that is not as long as announced gets no answer`(count: Int) throws {
        let server = try server()
        let client = server.client()
        client.send("POST", "/file", ["CONTENT_LENGTH": "70000"], body: body(count))
        #expect(client.receive() == nil)
        let other = server.client()
        other.send("GET", "/next")
        #expect(other.receive()?.text == "/next\n")
    }

    @Test func `what comes behind a long request ends its connection`() throws {
        let client = try server().client()
        let request = Client.request(
            ["REQUEST_METHOD": "POST", "REQUEST_URI": "/file", "CONTENT_LENGTH": "70000"],
            body: body(70_000), keepsConnection: true)
        client.write(request + request.prefix(8))
        #expect(client.receive() == nil)
    }

    @Test func `half of a long request holds no worker`() throws {
        let server = try server { $0.filePlaces = 4 }
        // Made before, and no longer than needed: who sends half of it has five
        // seconds for the rest, and the thread sanitizer makes all of this slow.
        let whole = Client.request(
            ["REQUEST_METHOD": "POST", "REQUEST_URI": "/file", "CONTENT_LENGTH": "90000"],
            body: body(90_000), keepsConnection: true)
        let (first, second) = (Array(whole.prefix(80_000)), Array(whole.suffix(whole.count - 80_000)))
        let halves = (1...3).map { _ in server.client() }
        for client in halves { client.write(first) }
        let other = server.client()
        for _ in 1...5 {
            other.send("GET", "/next")
            #expect(other.receive()?.text == "/next\n")
        }
        other.write(whole)
        #expect(other.receive()?.body.count == 90_006)
        for client in halves { client.write(second) }
        for client in halves { #expect(client.receive()?.body.count == 90_006) }
    }

    @Test func `more long requests than places wait for each other`() throws {
        let server = try server {
            $0.filePlaces = 2
            $0.workers = 4
        }
        // Made once: the thread sanitizer makes that slow.
        let whole = Client.request(
            ["REQUEST_METHOD": "POST", "REQUEST_URI": "/file", "CONTENT_LENGTH": "90000"],
            body: body(90_000), keepsConnection: true)
        let answered = Locked(0)
        let threads = (0..<12).map { _ in
            Thread {
                let client = server.client()
                for _ in 1...2 {
                    client.write(whole)
                    if client.receive()?.body.count == 90_006 { answered.withLock { $0 += 1 } }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(answered.withLock { $0 } == 24)
    }

    @Test func `a place is free again when a peer has gone`() throws {
        let server = try server { $0.filePlaces = 1 }
        let whole = Client.request(
            ["REQUEST_METHOD": "POST", "REQUEST_URI": "/file", "CONTENT_LENGTH": "500000"],
            body: body(500_000), keepsConnection: true)
        for _ in 1...5 {
            let client = server.client()
            client.write(Array(whole.prefix(whole.count / 2)))
            client.close()
        }
        let client = server.client()
        client.send("POST", "/file", body: body(500_000))
        #expect(client.receive()?.body.count == 500_006)
    }
}

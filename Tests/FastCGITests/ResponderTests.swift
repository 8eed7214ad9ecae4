import FastCGI
import Glibc
import HTTP
import Testing
import Threads

@Suite(.timeLimit(.minutes(10)))
struct ResponderTests {
    @Test func `the parameters of a request arrive`() throws {
        let requests = WorkQueue<Request>(capacity: 1)
        let server = try Server { request in
            _ = requests.push(request)
            return Response(.ok)
        }
        let client = server.client()
        client.send(
            "PATCH", "/a%20b?c=d",
            [
                "REQUEST_SCHEME": "https", "REMOTE_ADDR": "192.0.2.1", "HTTP_HOST": "example.org:8080",
                "HTTP_COOKIE": "a=1; b=2", "CONTENT_TYPE": "text/plain", "HTTP_ORIGIN": "https://example.org",
                "HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_AUTHORIZATION": "Token x", "HTTP_X_API_KEY": "k",
                "HTTP_X_CSRFTOKEN": "t", "HTTP_X_FORWARDED_FOR": "10.0.0.1", "HTTP_X_FORWARDED_PROTO": "http",
                "HTTP_X_FORWARDED_HOST": "h", "LABEL_STUDIO_GATE": "handshake",
                "LABEL_STUDIO_REFERENCE": "r", "SCRIPT_NAME": "/ignored",
                "HTTP_LONG": String(repeating: "x", count: 1000),
            ])
        let request = try #require(requests.pop())
        #expect(client.receive() != nil)
        #expect(request.method == .patch)
        #expect(request.target == "/a%20b?c=d")
        #expect(request.scheme == "https")
        #expect(request.remoteAddress == "192.0.2.1")
        #expect(request.header.host == "example.org:8080")
        #expect(request.header.cookie == "a=1; b=2")
        #expect(request.header.contentType == "text/plain")
        #expect(request.header.origin == "https://example.org")
        #expect(request.header.secFetchSite == "same-origin")
        #expect(request.header.authorization == "Token x")
        #expect(request.header.apiKey == "k")
        #expect(request.header.csrfToken == "t")
        #expect(request.header.forwardedFor == "10.0.0.1")
        #expect(request.header.forwardedProto == "http")
        #expect(request.header.forwardedHost == "h")
        #expect(request.gate == .handshake)
        #expect(request.reference == "r")
    }

    @Test(arguments: [
        ("page", GateQuestion.page), ("call", .call), ("handshake", .handshake), ("anything", .call),
        ("", nil),
    ])
    func `a question at the gate stays one, whatever stands in it`(
        value: String, expected: GateQuestion?
    ) throws {
        let requests = WorkQueue<Request>(capacity: 1)
        let server = try Server { request in
            _ = requests.push(request)
            return Response(.ok)
        }
        let client = server.client()
        client.send("GET", "/", ["LABEL_STUDIO_GATE": value, "HTTP_LABEL_STUDIO_GATE": "page"])
        #expect(try #require(requests.pop()).gate == expected)
        #expect(client.receive() != nil)
    }

    @Test func `a header that was not sent, or is empty, is absent`() throws {
        let requests = WorkQueue<Request>(capacity: 1)
        let server = try Server { request in
            _ = requests.push(request)
            return Response(.ok)
        }
        let client = server.client()
        client.send("GET", "/", ["HTTP_COOKIE": "", "CONTENT_LENGTH": ""])
        let request = try #require(requests.pop())
        #expect(client.receive() != nil)
        #expect(request.header.cookie == nil)
        #expect(request.header.authorization == nil)
        #expect(request.scheme == "http")
        #expect(request.remoteAddress == "")
        guard case .complete([]) = request.body else {
            Issue.record("a body: \(request.body)")
            return
        }
    }

    @Test(arguments: [0, 1, 9_999, 10_000, 65_535, 65_536])
    func `a body arrives whole, up to the limit`(count: Int) throws {
        let server = try Server(answer: echo)
        let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let client = server.client()
        client.send("POST", "/p", body: body)
        #expect(client.receive()?.body == Array("/p\n".utf8) + body)
    }

    @Test func `a long answer arrives whole`() throws {
        let body = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let server = try Server { _ in Response(.ok, body: body) }
        let client = server.client()
        client.send()
        let answer = try #require(client.receive())
        #expect(answer.head == "Status: 200 OK\r\nContent-Length: 2000000\r\n\r\n")
        #expect(answer.body == body)
    }

    @Test func `one connection carries many requests`() throws {
        let server = try Server(answer: echo)
        let client = server.client()
        for number in 0..<200 {
            client.send("POST", "/\(number)", body: Array("body \(number)".utf8))
            #expect(client.receive()?.text == "/\(number)\nbody \(number)")
        }
        #expect(server.responder.openConnections == 1)
    }

    @Test func `a connection that is not to be kept is closed after its answer`() throws {
        let server = try Server(answer: echo)
        let client = server.client()
        client.send("GET", "/x", keepsConnection: false)
        #expect(client.receive()?.text == "/x\n")
        #expect(client.isEnded())
    }

    @Test(arguments: [1_001, 50_000, 1_048_576])
    func `a body over the limit is said to be, and the connection serves on`(count: Int) throws {
        var limits = Responder.Limits()
        limits.bodyLimit = 1_000
        let server = try Server(limits, answer: echo)
        let client = server.client()
        for _ in 1...3 {
            client.send("POST", "/", body: [UInt8](repeating: 120, count: count))
            #expect(client.receive()?.text == "too large")
        }
        client.send("GET", "/next")
        #expect(client.receive()?.text == "/next\n")
    }

    @Test func `a body far over the limit ends its connection`() throws {
        var limits = Responder.Limits()
        limits.bodyLimit = 1_000
        let server = try Server(limits, answer: echo)
        let client = server.client()
        client.send("POST", "/", body: [UInt8](repeating: 120, count: 1_048_577))
        #expect(client.receive()?.text == "too large")
        #expect(client.isEnded())
    }

    @Test func `the body of any length leaves nothing for the next request`() throws {
        let server = try Server(answer: echo)
        let client = server.client()
        for count in 8_000...8_300 {
            client.send("POST", "/\(count)", body: [UInt8](repeating: 120, count: count))
            #expect(client.receive()?.text == "/\(count)\n" + String(repeating: "x", count: count))
        }
    }

    @Test(arguments: ["3", "5", "1000"])
    func `a body that is not as long as announced gets no answer`(announced: String) throws {
        let server = try Server(answer: echo)
        let client = server.client()
        client.send("POST", "/", ["CONTENT_LENGTH": announced], body: Array("abcd".utf8))
        #expect(client.receive() == nil)
        let other = server.client()
        other.send("GET", "/next")
        #expect(other.receive()?.text == "/next\n")
    }

    @Test(arguments: ["-1", "x", "1e3", "99999999999999999999", "4 "])
    func `a request with a length that is none gets no answer`(announced: String) throws {
        let server = try Server(answer: echo)
        let client = server.client()
        client.send("POST", "/", ["CONTENT_LENGTH": announced], body: Array("abcd".utf8))
        #expect(client.isEnded())
    }

    @Test func `the answer to HEAD has the length but no body`() throws {
        let server = try Server(answer: echo)
        let client = server.client()
        client.send("HEAD", "/abc")
        let answer = try #require(client.receive())
        #expect(answer.head == "Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n")
        #expect(answer.body == [])
        client.send("GET", "/abc")
        #expect(client.receive()?.text == "/abc\n")
    }

    @Test func `more idle connections than workers do not starve anybody`() throws {
        var limits = Responder.Limits()
        limits.workers = 2
        let server = try Server(limits, answer: echo)
        let idle = (0..<50).map { _ in server.client() }
        for client in idle {
            client.send("GET", "/idle")
            #expect(client.receive()?.text == "/idle\n")
        }
        let silent = (0..<50).map { _ in server.client() }
        let client = server.client()
        client.send("GET", "/new")
        #expect(client.receive()?.text == "/new\n")
        for client in idle + silent {
            client.send("GET", "/again")
            #expect(client.receive()?.text == "/again\n")
        }
    }

    @Test func `many clients at once each get their own answer`() throws {
        var limits = Responder.Limits()
        limits.workers = 4
        let server = try Server(limits, answer: echo)
        let wrong = Locked(0)
        let threads = (0..<64).map { number in
            Thread {
                for round in 0..<20 {
                    let client = server.client()
                    for step in 0..<3 {
                        let body = "\(number) \(round) \(step)"
                        client.send("POST", "/x", body: Array(body.utf8), keepsConnection: step < 2)
                        if client.receive()?.text != "/x\n" + body { wrong.withLock { $0 += 1 } }
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(wrong.withLock { $0 } == 0)
        while server.responder.openConnections > 0 { sched_yield() }
    }

    @Test(arguments: [
        [UInt8]("GET / HTTP/1.1\r\n\r\n".utf8),
        [9, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
        Client.record(1, [0, 1, 1]),
        Client.record(1, [0, 1, 1, 0, 0, 0, 0, 0])
            + Client.record(4, [255, 255, 255, 255, 255, 255, 255, 255, 65]),
        Client.record(1, [0, 1, 1, 0, 0, 0, 0, 0]) + Client.record(4, [5, 5, 65]) + Client.record(4, []),
        Client.request([:], body: [], keepsConnection: true),
        Client.request(["REQUEST_METHOD": "GET"], body: [], keepsConnection: true),
        Client.request(["REQUEST_URI": "/"], body: [], keepsConnection: true),
        [UInt8](repeating: 0xff, count: 5_000),
        [UInt8](repeating: 0, count: 5_000),
    ])
    func `what is no request gets no answer and harms nobody`(bytes: [UInt8]) throws {
        var limits = Responder.Limits()
        limits.workers = 1
        let server = try Server(limits, answer: echo)
        let neighbour = server.client()
        neighbour.send("GET", "/before")
        #expect(neighbour.receive()?.text == "/before\n")
        let client = server.client()
        client.write(bytes)
        client.close()
        neighbour.send("GET", "/after")
        #expect(neighbour.receive()?.text == "/after\n")
        neighbour.close()
        while server.responder.openConnections > 0 { sched_yield() }
    }

    @Test func `a request that is cut off does not hold a worker for ever`() throws {
        var limits = Responder.Limits()
        limits.workers = 1
        let whole = Client.request(
            ["REQUEST_METHOD": "GET", "REQUEST_URI": "/"], body: [], keepsConnection: true)
        // All at once: each takes as long as the responder's patience.
        let attempts = try [1, 8, 15, 30].map { count in
            let server = try Server(limits, answer: echo)
            let half = server.client()
            half.write(Array(whole.prefix(count)))
            let other = server.client()
            other.send("GET", "/x")
            return (server, half, other)
        }
        for (_, half, other) in attempts {
            #expect(other.receive()?.text == "/x\n")
            // Nothing follows, so it is given up.
            #expect(half.isEnded())
        }
    }

    @Test func `a client that goes away before its answer harms nobody`() throws {
        let entered = WorkQueue<Int>(capacity: 1)
        let goOn = WorkQueue<Int>(capacity: 1)
        let body = [UInt8](repeating: 1, count: 3_000_000)
        let server = try Server { request in
            guard request.target == "/wait" else { return echo(request) }
            _ = entered.push(1)
            _ = goOn.pop()
            return Response(.ok, body: body)
        }
        let client = server.client()
        client.send("GET", "/wait")
        #expect(entered.pop() == 1)
        client.close()
        #expect(goOn.push(1))
        let other = server.client()
        other.send("GET", "/x")
        #expect(other.receive()?.text == "/x\n")
        other.close()
        while server.responder.openConnections > 0 { sched_yield() }
    }
}

import FastCGI
import HTTP
import Testing
import Threads

struct SelfCheckTests {
    @Test func `A responder that answers says so, and knows its own request`() throws {
        let seen = Locked<[Request]>([])
        let server = try Server { request in
            seen.withLock { $0.append(request) }
            return Response(.ok, contentType: "text/plain", body: Array(repeating: 65, count: 200_000))
        }
        #expect(server.responder.answers("/labels/api/version", within: .seconds(20)))
        let own = seen.withLock { $0.removeFirst() }
        #expect(own.target == "/labels/api/version")
        #expect(own.method == .get)
        #expect(own.isFromInside)
        let client = server.client()
        client.send()
        _ = client.receive()
        client.close()
        #expect(seen.withLock { $0.count == 1 && !$0[0].isFromInside })
        server.stop()
        #expect(!server.responder.answers("/", within: .seconds(20)), "a stopped one has no place for it")
    }

    @Test func `A failure is no answer, whatever else is one`() throws {
        let server = try Server { request in
            Response(request.target == "/missing" ? .notFound : .internalServerError)
        }
        #expect(server.responder.answers("/missing", within: .seconds(20)))
        #expect(!server.responder.answers("/", within: .seconds(20)))
    }

    @Test func `While every worker hangs there is no answer, and afterwards there is`() throws {
        var limits = Responder.Limits()
        limits.workers = 2
        let ending = Ending()
        let arrived = Locked(0)
        let server = try Server(limits) { request in
            if request.target == "/hang" {
                arrived.withLock { $0 += 1 }
                _ = ending.wait(.seconds(60))
            }
            return Response(.ok)
        }
        let clients = [server.client(), server.client()]
        for client in clients { client.send("GET", "/hang") }
        while arrived.withLock({ $0 }) < 2 { _ = Ending().wait(.milliseconds(5)) }
        #expect(!server.responder.answers("/", within: .milliseconds(50)))
        ending.come()
        #expect(server.responder.answers("/", within: .seconds(20)))
        for client in clients { client.close() }
    }
}

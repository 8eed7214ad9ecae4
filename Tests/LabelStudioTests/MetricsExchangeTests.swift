import Testing

@testable import LabelStudio

struct MetricsExchangeTests {
    private func answer(_ head: String) -> String {
        String(decoding: MetricsExchange.response(to: Array(head.utf8)) { "thing 1\n" }, as: UTF8.self)
    }

    @Test(arguments: ["GET /metrics HTTP/1.1", "GET /metrics HTTP/1.0", "GET /metrics?name=thing HTTP/1.1"])
    func `The figures are at one address`(_ line: String) {
        #expect(
            answer(line + "\r\nHost: localhost\r\n\r\n")
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                + "Content-Length: 8\r\nConnection: close\r\n\r\nthing 1\n")
    }

    @Test func `HEAD gets the head alone`() {
        let text = answer("HEAD /metrics HTTP/1.1\r\n\r\n")
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.hasSuffix("Content-Length: 8\r\nConnection: close\r\n\r\n"))
    }

    @Test(arguments: [
        ("GET / HTTP/1.1", 404), ("GET /metrics/ HTTP/1.1", 404), ("POST /metrics HTTP/1.1", 404),
        ("GET /user/login HTTP/1.1", 404), ("GET /metrics", 400), ("GET  /metrics HTTP/1.1", 400),
        ("GET /metrics SSH-2.0", 400), ("", 400),
    ])
    func `Everything else is refused`(_ line: String, _ status: Int) {
        #expect(answer(line + "\r\n\r\n").hasPrefix("HTTP/1.1 \(status) "))
    }

    @Test func `A head that is too long is refused`() {
        let text = answer("GET /metrics HTTP/1.1\r\nX: " + String(repeating: "a", count: 9000))
        #expect(text.hasPrefix("HTTP/1.1 431 "))
    }
}

import CannedServer
import Glibc
import HTTP
import JWT
import Secrets
import Testing

@testable import Upstream

struct LabelingServerTests {
    private static let key = Array("the key of that Label Studio".utf8)

    private func client(
        _ server: CannedServer, time: Int = 120_000, bytes: Int = 4096
    ) throws -> LabelingServer {
        try client(at: "http://127.0.0.1:\(try #require(server.port))", time: time, bytes: bytes)
    }

    private func client(at address: String, time: Int = 120_000, bytes: Int = 4096) throws -> LabelingServer {
        var limits = Conversation.Limits()
        limits.time = time
        limits.connecting = time
        limits.bytes = bytes
        return LabelingServer(
            at: try #require(UpstreamAddress(parsing: address)), key: UpstreamKey(Self.key),
            randomness: .system, now: { 1_700_000_000 }, limits: limits)
    }

    @Test func `a token says what a Label Studio reads in one, for five minutes`() throws {
        let text = UpstreamKey(Self.key).accessToken(for: 2, now: 1_700_000_000, randomness: .system)
        let token = try #require(JSONWebToken(parsing: text))
        #expect(token.isGenuine { authenticate($0, key: Self.key) })
        guard case .object(let members) = token.claims else {
            Issue.record("no object")
            return
        }
        #expect(members.map(\.name).sorted() == ["exp", "iat", "jti", "token_type", "user_id"])
        #expect(token.claims["token_type"] == "access")
        #expect(token.claims["iat"] == .integer(1_700_000_000))
        #expect(token.claims["exp"] == .integer(1_700_000_300))
        #expect(token.claims["user_id"] == "2")
        guard case .string(let number)? = token.claims["jti"] else {
            Issue.record("no jti")
            return
        }
        #expect(Encoding.decodeHexadecimal(number)?.count == 16)
    }

    @Test func `a person is asked for with a token of his own`() throws {
        let server = CannedServer { _ in .page(#"{"id":7,"email":"a@example.com","active_organization":1}"#) }
        let person = try client(server).person(7)
        #expect(person == LabelingServer.Person(id: 7, email: "a@example.com", organization: 1))
        let request = try #require(server.requests.first)
        #expect(request.hasPrefix("GET /api/current-user/whoami HTTP/1.1\r\n"))
        let field = try #require(
            request.split(separator: "\r\n").first { $0.hasPrefix("Authorization: Bearer ") })
        let token = try #require(
            JSONWebToken(parsing: String(field.dropFirst("Authorization: Bearer ".count))))
        #expect(token.claims["user_id"] == "7")
        #expect(!request.contains("Cookie:"))
    }

    @Test func `a unix socket is as good as a port`() throws {
        let path = "/tmp/upstream-test-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
        defer { unsafe unlink(path) }
        let server = CannedServer(at: path) { _ in .page(#"{"release":"1.23.2"}"#) }
        #expect(try client(at: "unix:\(path)").version() == "1.23.2")
        #expect(server.requests.count == 1)
    }

    @Test func `where nobody listens, it is not reached`() throws {
        // A port that was free a moment ago, and a path that is none.
        let port = try #require(CannedServer { _ in .silence }.port)
        for address in ["http://127.0.0.1:\(port)", "unix:/nonexistent/labels.sock"] {
            let failure = try #require(throws: UpstreamFailure.self) { try client(at: address).version() }
            guard case .unreachable(let reason) = failure else {
                Issue.record("\(address): \(failure)")
                return
            }
            #expect(!reason.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `who does not answer in time is slow, in the middle of an answer, too`() throws {
        let silent = CannedServer { _ in .silence }
        #expect(throws: UpstreamFailure.slow) { try client(silent, time: 300).version() }
        let dripping = CannedServer { _ in .endless("HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\n", "") }
        #expect(throws: UpstreamFailure.slow) { try client(dripping, time: 300).version() }
    }

    @Test(
        .timeLimit(.minutes(10)),
        arguments: [
            "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 X\r\n\r\n",
            "HTTP/1.1 200 X\r\nContent-Length: 999999999999\r\n\r\n",
        ])
    func `an answer without an end is left`(head: String) throws {
        let part = head.contains("chunked") ? "a\r\n0123456789\r\n" : "0123456789"
        let server = CannedServer { _ in .endless(head, part) }
        let failure = try #require(throws: UpstreamFailure.self) { try client(server).version() }
        #expect(failure == .unexpected("its answer is longer than 4096 bytes"))
    }

    @Test(.timeLimit(.minutes(10)))
    func `a header without an end is left`() throws {
        let server = CannedServer { _ in .endless("HTTP/1.1 200 X\r\n", "X-Field: 0123456789\r\n") }
        #expect(throws: UpstreamFailure.unexpected("its answer is longer than 4096 bytes")) {
            try client(server).version()
        }
    }

    @Test func `a connection that ends without a word leads to nobody`() throws {
        let server = CannedServer { _ in .bytes("") }
        let failure = try #require(throws: UpstreamFailure.self) { try client(server).version() }
        guard case .unreachable = failure else {
            Issue.record("\(failure)")
            return
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{\"release\":\"1.23.2\"}",
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 200 X\r\nContent-Length: 3\r\n\r\n[1]", "HTTP/1.1 200 X\r\nContent-Length: 1\r\n\r\n{",
        "HTTP/1.1 200 X\r\nContent-Length: 13\r\n\r\n{\"release\":1}",
        "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n",
    ])
    func `an answer that is cut off, or none of a Label Studio, is told apart`(answer: String) throws {
        let server = CannedServer { _ in .bytes(answer) }
        let failure = try #require(throws: UpstreamFailure.self) { try client(server).version() }
        guard case .unexpected = failure else {
            Issue.record("\(failure)")
            return
        }
    }

    @Test func `a redirect is not followed`() throws {
        let other = CannedServer { _ in .page(#"{"release":"1.23.2"}"#) }
        let port = try #require(other.port)
        let server = CannedServer { _ in
            .page("", status: 302, "Location: http://127.0.0.1:\(port)/api/version")
        }
        #expect(throws: UpstreamFailure.self) { try client(server).version() }
        #expect(server.requests.count == 1)
        #expect(other.requests.isEmpty)
    }

    @Test(arguments: [
        ("Token has wrong type", UpstreamFailure?.none), ("Token is invalid", .wrongKey),
        ("Token is invalid or expired", .wrongKey),
    ])
    func `the words of a refusal tell whether the key is right`(detail: String, expected: UpstreamFailure?)
        throws
    {
        let server = CannedServer { _ in .page(#"{"detail":"\#(detail)"}"#, status: 401) }
        var failure: UpstreamFailure?
        do { try client(server).checkKey() } catch { failure = error as? UpstreamFailure }
        #expect(failure == expected)
        #expect(server.requests.count == 1)
    }

    /// A server whose form sets its cookies.
    private func form(_ answer: CannedServer.Reply, then person: String = "{}") -> CannedServer {
        CannedServer { request in
            if request.hasPrefix("POST") { return answer }
            if request.contains("whoami") { return .page(person) }
            return .page(
                "<form>", "Set-Cookie: csrftoken=tok; Path=/; SameSite=Lax",
                "Set-Cookie: sessionid=a=b; HttpOnly")
        }
    }

    @Test func `an account is made by the form, and asked who it is`() throws {
        let server = form(
            .page("", status: 302, "Location: /", "Set-Cookie: sessionid=new; HttpOnly"),
            then: #"{"id":7,"email":"a@example.com","active_organization":1}"#)
        let client = try client(server)
        let person = try client.signUp(email: "a+b@example.com", password: "p&q", invitation: "to ken")
        #expect(person.id == 7)
        let requests = server.requests
        #expect(requests.map { $0.split(separator: " ")[0] } == ["GET", "POST", "GET"])
        #expect(requests[0].hasPrefix("GET /user/signup/?token=to%20ken HTTP"))
        #expect(requests[1].hasPrefix("POST /user/signup/?token=to%20ken HTTP"))
        #expect(requests[1].contains("Cookie: csrftoken=tok; sessionid=a=b\r\n"))
        #expect(
            requests[1].hasSuffix(
                "allow_newsletters=false&email=a%2Bb%40example.com&password=p%26q&csrfmiddlewaretoken=tok"))
        #expect(requests[2].contains("Cookie: csrftoken=tok; sessionid=new\r\n"))
        #expect(!requests.contains { $0.contains("Authorization:") })
        // The next one knows nothing of it.
        _ = try? client.isSignUpOpen()
        #expect(!server.requests[3].contains("Cookie:"))
    }

    @Test(arguments: [
        (403, "no", UpstreamFailure.signUpRefused),
        (200, "<li>User with this email already exists</li>", .emailTaken),
        (
            200, "<li>Invalid email</li>",
            .unexpected("it answered POST /user/signup/ with status 200, and not as a Label Studio does")
        ),
        (
            500, "",
            .unexpected("it answered POST /user/signup/ with status 500, and not as a Label Studio does")
        ),
    ])
    func `a refused account is told why`(status: Int, body: String, expected: UpstreamFailure) throws {
        let server = form(.page(body, status: status))
        #expect(throws: expected) {
            try client(server).signUp(email: "a@example.com", password: "p", invitation: nil)
        }
    }

    @Test func `a password is somebody's, or nobody's`() throws {
        let right = form(
            .page("", status: 302, "Location: /"),
            then: #"{"id":7,"email":"a@example.com","active_organization":null}"#)
        #expect(
            try client(right).logIn(email: "a@example.com", password: "p")
                == LabelingServer.Person(id: 7, email: "a@example.com", organization: nil))
        let wrong = form(.page("<p class=error>", status: 200))
        #expect(try client(wrong).logIn(email: "a@example.com", password: "p") == nil)
    }

    @Test func `a failure tells no token and no password`() throws {
        let server = CannedServer { _ in .page("", status: 404) }
        let failure = try #require(throws: UpstreamFailure.self) {
            try client(server).signUp(email: "a@example.com", password: "hidden", invitation: "secret")
        }
        #expect(!"\(failure)".contains("secret") && !"\(failure)".contains("hidden"))
    }
}

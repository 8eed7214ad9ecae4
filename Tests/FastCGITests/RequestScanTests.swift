import HTTP
import Testing

@testable import FastCGI

struct RequestScanTests {
    private static let begin = Client.record(1, [0, 1, 1, 0, 0, 0, 0, 0])

    private func scan(_ bytes: [UInt8], bodyLimit: Int = 1_000) -> RequestScan {
        RequestScan(bytes.span, bodyLimit: BodyLimit(bodyLimit))
    }

    private func parameters(_ content: [UInt8]) -> [UInt8] {
        Self.begin + Client.record(4, content) + Client.record(4, []) + Client.record(5, [])
    }

    @Test(arguments: [0, 1, 999, 1_000])
    func `a request is ready with its last byte and not before`(count: Int) {
        let body = [UInt8](repeating: 1, count: count)
        let whole = Client.request(
            ["CONTENT_LENGTH": "\(count)", "LONG": String(repeating: "x", count: 300)], body: body,
            keepsConnection: true)
        for cut in stride(from: 0, to: whole.count, by: 7) {
            #expect(scan(Array(whole.prefix(cut))) == .incomplete)
        }
        #expect(scan(whole.dropLast()) == .incomplete)
        #expect(scan(whole) == .ready)
    }

    @Test func `a body over the limit is not waited for`() {
        let whole = Client.request(["CONTENT_LENGTH": "1001"], body: [1], keepsConnection: true)
        let beforeBody = Client.request(["CONTENT_LENGTH": "1001"], body: [], keepsConnection: true).dropLast(
            8)
        #expect(scan(whole) == .ready)
        #expect(scan(Array(beforeBody)) == .ready)
    }

    @Test func `a body that is longer than announced, and than the limit, is malformed`() {
        let body = [UInt8](repeating: 1, count: 1_001)
        #expect(
            scan(Client.request(["CONTENT_LENGTH": "5"], body: body, keepsConnection: true)) == .malformed)
        #expect(scan(Client.request([:], body: body, keepsConnection: true)) == .malformed)
    }

    /// The last ones are lengths with which libfcgi before 2.4.5 writes past its memory.
    @Test(
        arguments: [
            [5, 5, 65], [1], [0x80], [0x80, 0, 0], [1, 0x80, 0, 0], [0, 0], [0, 1, 65], [2, 0, 65],
            [1, 2, 65, 66],
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 65],
            [0xff, 0xff, 0xff, 0xff, 0x80, 0, 0, 1, 65],
            [1, 0xff, 0xff, 0xff, 0xff, 65],
        ] as [[UInt8]])
    func `a parameter that does not lie within its record is malformed`(content: [UInt8]) {
        #expect(scan(parameters(content)) == .malformed)
    }

    @Test(
        arguments: [[1, 0, 65], [1, 1, 65, 66], [0x80, 0, 0, 1, 0x80, 0, 0, 1, 65, 66]] as [[UInt8]])
    func `a parameter of either form is taken`(content: [UInt8]) {
        #expect(scan(parameters(content)) == .ready)
    }

    @Test(arguments: ["-1", "+1", "x", "1 ", "0x10", "1.0", "9999999999999999999"])
    func `a length of the body that is no number is malformed`(text: String) {
        #expect(scan(Client.request(["CONTENT_LENGTH": text], body: [], keepsConnection: true)) == .malformed)
    }

    @Test(
        arguments: [
            [9, 1, 0, 1, 0, 8, 0, 0], [1, 4, 0, 1, 0, 0, 0, 0], [1, 1, 0, 0, 0, 8, 0, 0],
            [1, 1, 0, 1, 0, 7, 0, 0],
            [1, 1, 0, 1, 0, 8, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0],
            begin + begin, begin + [1, 4, 0, 2, 0, 0, 0, 0], begin + [1, 5, 0, 1, 0, 0, 0, 0],
            [UInt8]("GET / HTTP/1.1\r\n".utf8),
        ] as [[UInt8]])
    func `records that no web server sends are malformed`(bytes: [UInt8]) {
        #expect(scan(bytes) == .malformed)
    }

    @Test func `parameters have a limit, however many records they come in`() {
        let value = [UInt8](repeating: 120, count: 10_000)
        let record = Client.record(4, [1, 0x80, 0, 0x27, 0x10, 65] + value)
        let many = { (count: Int) in
            Self.begin + Array(repeatElement(record, count: count).joined()) + Client.record(4, [])
                + Client.record(5, [])
        }
        #expect(scan(many(6)) == .ready)
        #expect(scan(many(7)) == .malformed)
    }

    @Test func `padding is skipped`() {
        let whole: [UInt8] = [1, 4, 0, 1, 0, 4, 4, 0, 1, 1, 65, 66, 9, 9, 9, 9]
        #expect(scan(Self.begin + whole + Client.record(4, []) + Client.record(5, [])) == .ready)
        #expect(scan(Self.begin + whole.dropLast()) == .incomplete)
    }

    @Test(
        arguments: [
            ("POST", "/file", "1001", .long), ("POST", "/file", "5000", .long),
            ("POST", "/file", "5001", .ready), ("GET", "/file", "1001", .ready),
            ("POST", "/", "1001", .ready), ("POST", "/file", "999", .incomplete),
        ] as [(String, String, String, RequestScan)])
    func `a long body is taken from some requests only`(
        method: String, target: String, count: String, expected: RequestScan
    ) {
        let limit = BodyLimit(usual: 1_000, long: 5_000) { $0 == .post && $1 == "/file" }
        let whole = Client.request(
            ["REQUEST_METHOD": method, "REQUEST_URI": target, "CONTENT_LENGTH": count], body: [],
            keepsConnection: true
        ).dropLast(8)
        #expect(RequestScan(Array(whole).span, bodyLimit: limit) == expected)
        for cut in 0..<whole.count {
            #expect(RequestScan(Array(whole.prefix(cut)).span, bodyLimit: limit) == .incomplete)
        }
    }
}

internal import CCurl
internal import HTTP

/// Requests to one server, one after the other, over libcurl: its cookies are kept
/// for as long as this lasts, and nowhere else. Redirects are not followed, and no
/// proxy of the environment is used.
@safe
final class Conversation {
    /// What one request may take.
    struct Limits: Sendable {
        /// Milliseconds.
        var connecting = 3_000
        /// Milliseconds, from the beginning to the end.
        var time = 10_000
        /// Bytes of an answer, and of its header.
        var bytes = 8_388_608
        var headerBytes = 65_536
    }

    struct Answer {
        var status = 0
        var isRedirect: Bool { (300..<400).contains(status) }
        /// The first value of `Location`; nil: none.
        var location: String?
        var body: [UInt8] = []
    }

    private let handle: UnsafeMutableRawPointer
    private let address: UpstreamAddress
    private let limits: Limits
    private(set) var cookies: [String: String] = [:]

    /// `curl_global_init` is for the whole program, and once.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_NOTHING)) == CURLE_OK

    init(with address: UpstreamAddress, limits: Limits) throws(UpstreamFailure) {
        guard Self.isReady, let handle = unsafe curl_easy_init() else {
            throw .unexpected("libcurl cannot be used")
        }
        unsafe self.handle = handle
        self.address = address
        self.limits = limits
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
    }

    /// - Parameters:
    ///   - path: with its query, encoded.
    ///   - fields: further lines of the header.
    func send(
        _ method: String, _ path: String, _ fields: [String] = [], body: [UInt8]? = nil
    ) throws(UpstreamFailure) -> Answer {
        let sink = Sink(limits)
        var header: UnsafeMutablePointer<curl_slist>?
        defer { unsafe curl_slist_free_all(header) }
        // Without `Expect`, a body is sent at once.
        for field in fields + cookieFields + ["Expect:"] {
            guard let longer = unsafe curl_slist_append(header, field) else { throw .unexpected("no memory") }
            unsafe header = longer
        }
        unsafe curl_easy_reset(handle)
        let codes =
            unsafe place + [
                curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
                curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, limits.connecting),
                curl_set_long(handle, CURLOPT_TIMEOUT_MS, limits.time),
                curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0),
                curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http"),
                // An empty name is none, whatever the environment says.
                curl_set_text(handle, CURLOPT_PROXY, ""),
                curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
                body.map { unsafe curl_set_body(handle, $0, $0.count) } ?? CURLE_OK,
                curl_set_text(handle, CURLOPT_CUSTOMREQUEST, method),
                curl_set_text(handle, CURLOPT_URL, url(path)),
                curl_set_list(handle, CURLOPT_HTTPHEADER, header),
                curl_set_sinks(
                    handle, Self.takeHeader, Self.takeBody, Unmanaged.passUnretained(sink).toOpaque()),
            ]
        guard codes.allSatisfy({ $0 == CURLE_OK }) else { throw .unexpected("libcurl cannot be used so") }
        let code = unsafe curl_easy_perform(handle)
        try withExtendedLifetime(sink) { () throws(UpstreamFailure) in try check(code, sink) }
        sink.answer.status = unsafe curl_status(handle)
        for (name, value) in sink.cookies { cookies[name] = value }
        return sink.answer
    }

    private var place: [CURLcode] {
        guard case .unix(let path) = address.place else { return [] }
        return unsafe [curl_set_text(handle, CURLOPT_UNIX_SOCKET_PATH, path)]
    }

    private func url(_ path: String) -> String {
        switch address.place {
        case .port(let host, let port): "http://\(host):\(port)\(path)"
        case .unix: "http://localhost\(path)"
        }
    }

    private var cookieFields: [String] {
        let pairs = cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return pairs.isEmpty ? [] : ["Cookie: " + pairs.joined(separator: "; ")]
    }

    private func check(_ code: CURLcode, _ sink: Sink) throws(UpstreamFailure) {
        if code == CURLE_OK { return }
        if sink.isTooLong { throw .unexpected("its answer is longer than \(limits.bytes) bytes") }
        let reason = unsafe String(cString: curl_easy_strerror(code))
        switch code {
        case CURLE_OPERATION_TIMEDOUT: throw .slow
        // What passes connections on closes one if nobody is behind it.
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_GOT_NOTHING, CURLE_SEND_ERROR,
            CURLE_RECV_ERROR:
            throw .unreachable(reason)
        default: throw .unexpected("its answer cannot be read: \(reason)")
        }
    }

    /// What libcurl hands over while it runs.
    private final class Sink {
        let limits: Limits
        var answer = Answer()
        var cookies: [(name: String, value: String)] = []
        private var headerBytes = 0
        private(set) var isTooLong = false

        init(_ limits: Limits) {
            self.limits = limits
        }

        /// - Returns: whether to go on.
        func takeBody(_ part: UnsafeRawBufferPointer) -> Bool {
            isTooLong = answer.body.count + part.count > limits.bytes
            if !isTooLong { unsafe answer.body += part }
            return !isTooLong
        }

        func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
            headerBytes += line.count
            isTooLong = headerBytes > limits.headerBytes
            unsafe take(line: String(decoding: line, as: UTF8.self))
            return !isTooLong
        }

        private func take(line: String) {
            guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return }
            let value = line[colon...].dropFirst().drop { $0 == " " }.prefix { !$0.isNewline }
            switch line[..<colon].lowercased() {
            case "location": answer.location = answer.location ?? String(value)
            case "set-cookie":
                let pair = value.prefix { $0 != ";" }
                guard let sign = pair.firstIndex(of: "=") else { return }
                cookies.append((String(pair[..<sign]), String(pair[pair.index(after: sign)...])))
            default: break
            }
        }
    }

    private static let takeHeader: curl_write_callback = { bytes, size, count, context in
        unsafe take(bytes, size * count, context) { unsafe $0.takeHeader($1) }
    }

    private static let takeBody: curl_write_callback = { bytes, size, count, context in
        unsafe take(bytes, size * count, context) { unsafe $0.takeBody($1) }
    }

    /// - Returns: how much was taken; less than there is ends the request.
    private static func take(
        _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
        _ body: (Sink, UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        guard let context = unsafe context else { return 0 }
        let sink = unsafe Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
        // 0 would be the end of an empty part, too.
        return unsafe body(sink, UnsafeRawBufferPointer(start: bytes, count: count)) ? count : count + 1
    }
}

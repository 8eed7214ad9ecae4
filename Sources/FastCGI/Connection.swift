internal import CFastCGI
internal import Glibc
internal import HTTP
internal import Synchronization

/// A connection of the web server, with libfcgi's state of it.
///
/// Used by one thread at a time: it is either parked in the event set, or in
/// the hands of the one worker that the set woke for it.
@safe
final class Connection: @unchecked Sendable {
    // On the heap: libfcgi keeps pointers into it.
    private let request: UnsafeMutablePointer<FCGX_Request>
    let descriptor: Int32
    /// Whether the other end is in this program.
    private let isFromInside: Bool
    /// Whether another request can come on it.
    private var isReusable = true
    private let bodyLimit: BodyLimit
    private let places: Places
    /// A request that does not fit into the socket, until it is answered.
    private var long: LongRequest?
    private let isHandedOver = Atomic(false)

    /// How long a read or write may make no progress.
    private static let timeoutSeconds = 1

    /// - Parameters:
    ///   - descriptor: an accepted socket, which becomes the connection's.
    ///   - bodyLimit: bytes of a request's body.
    ///   - places: for long requests.
    ///   - isFromInside: whether the other end is in this program.
    init(descriptor: Int32, bodyLimit: BodyLimit, places: Places, isFromInside: Bool) {
        self.descriptor = descriptor
        self.isFromInside = isFromInside
        self.bodyLimit = bodyLimit
        self.places = places
        var timeout = timeval(tv_sec: Self.timeoutSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
        unsafe request = .allocate(capacity: 1)
        unsafe FCGX_InitRequest(request, -1, 0)
        unsafe request.pointee.ipcFd = descriptor
        // Else FCGX_Accept_r would begin by closing it.
        unsafe request.pointee.keepConnection = 1
    }

    /// Closes the socket itself: libfcgi would first wait two seconds for the
    /// peer to close it.
    deinit {
        let isOpen = unsafe request.pointee.ipcFd >= 0
        unsafe request.pointee.ipcFd = -1
        unsafe FCGX_Free(request, 0)
        unsafe request.deallocate()
        if isOpen { close(descriptor) }
        if long != nil { places.giveBack() }
    }

    /// Looks at what has arrived, without waiting; nil if the peer has gone.
    func look() -> RequestScan? {
        if long == nil {
            let scan = peek()
            guard scan == .long else { return scan }
            // Until others have been answered, it stays in the socket.
            guard places.take() else { return .incomplete }
            long = LongRequest(bodyLimit: bodyLimit.long)
        }
        return long?.take(from: descriptor)
    }

    /// Whether a worker has to be called for what was taken in already.
    var isLong: Bool { long != nil }

    /// Before the event set gets it: whoever takes it over then sees all that this
    /// thread has done with it. The system does the same; this says so in terms that
    /// the language and the thread sanitizer know.
    func handOver() { isHandedOver.store(true, ordering: .releasing) }

    /// When the event set gives it.
    func takeOver() { _ = isHandedOver.load(ordering: .acquiring) }

    /// Looks without taking anything (`MSG_PEEK`).
    private func peek() -> RequestScan? {
        var capacity = Self.usualLength
        while true {
            let scan = unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
                let count = unsafe recv(
                    descriptor, buffer.baseAddress, capacity, Int32(MSG_PEEK | MSG_DONTWAIT))
                if count < 0, errno == EAGAIN || errno == EINTR { return RequestScan?.some(.incomplete) }
                guard count > 0 else { return nil }
                return unsafe RequestScan(
                    UnsafeBufferPointer(rebasing: UnsafeBufferPointer(buffer)[..<count]).span,
                    bodyLimit: bodyLimit)
            }
            // Only if the buffer was full can there be more to see.
            guard scan == .incomplete, capacity < limit, arrivedLength > capacity else { return scan }
            capacity = min(4 * capacity, limit)
        }
    }

    /// Enough for almost every request, and the most that Swift puts on the stack.
    private static let usualLength = 1024

    /// Bytes of the longest request that is waited for, records included.
    private var limit: Int {
        2 * (RequestScan.parameterLimit + bodyLimit.usual)
    }

    /// `FIONREAD`: bytes that wait in the socket.
    private var arrivedLength: Int {
        Int(socket_bytes_available(descriptor))
    }

    /// Reads one request; nil if the peer has gone or sent what is no request.
    func receive() -> Request? {
        guard let long else { return read() }
        guard let file = long.file() else { return nil }
        // libfcgi reads from a descriptor: for a while, from that one.
        unsafe request.pointee.ipcFd = file
        defer {
            if unsafe request.pointee.ipcFd >= 0 { close(file) }
            unsafe request.pointee.ipcFd = descriptor
        }
        return read()
    }

    private func read() -> Request? {
        guard unsafe FCGX_Accept_r(request) >= 0 else { return nil }
        let received = unsafe Request(
            parameters: request.pointee.envp, isFromInside: isFromInside, body: receiveBody)
        // No web server of ours sends anything without these: nothing to answer to.
        return received.method == .other("") || received.target.isEmpty ? nil : received
    }

    /// What becomes of a connection after an answer.
    enum Future {
        /// It can carry another request.
        case reuse
        /// The rest of a body is on its way that nobody wants.
        case linger
        case close
    }

    /// Sends a response and ends the request.
    func send(_ response: Response, withoutBody: Bool) -> Future {
        if long != nil {
            long = nil
            places.giveBack()
        }
        put(response.head)
        if !withoutBody { put(response.body) }
        let isKept = unsafe request.pointee.keepConnection != 0
        // Closing is ours, see `deinit`.
        unsafe request.pointee.keepConnection = 1
        unsafe FCGX_Finish_r(request)
        guard unsafe request.pointee.ipcFd >= 0 else { return .close }
        if !isReusable {
            shutdown(descriptor, Int32(SHUT_WR))
            return .linger
        }
        return isKept ? .reuse : .close
    }

    private func receiveBody(announced: String?) -> Request.Body {
        let length = announced.flatMap { Int($0) } ?? 0
        guard length <= (long == nil ? bodyLimit.usual : bodyLimit.long) else {
            // Taken in and forgotten, if it is not much: were the connection
            // closed, the web server could lose the next request to it.
            if length > Self.forgottenLength || !forgetBody(length) { isReusable = false }
            return .tooLarge
        }
        var body = [UInt8](repeating: 0, count: length)
        let received = unsafe body.withUnsafeMutableBytes { bytes in
            unsafe bytes.isEmpty
                ? 0
                : FCGX_GetStr(
                    bytes.baseAddress!.assumingMemoryBound(to: CChar.self), Int32(length),
                    request.pointee.in)
        }
        // The record that ends the body has to be taken too: left behind, it
        // would be the beginning of the next request.
        guard received == length, unsafe FCGX_GetChar(request.pointee.in) < 0 else {
            isReusable = false
            return .cutOff
        }
        return .complete(body)
    }

    /// What the nginx of this product lets through at most, in bytes.
    private static let forgottenLength = 1_048_576

    /// - Returns: whether it came as announced.
    private func forgetBody(_ length: Int) -> Bool {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            var rest = length
            while rest > 0 {
                let part = min(rest, buffer.count)
                guard unsafe FCGX_GetStr(buffer.baseAddress, Int32(part), request.pointee.in) == part else {
                    return false
                }
                rest -= part
            }
            return unsafe FCGX_GetChar(request.pointee.in) < 0
        }
    }

    /// Takes in and forgets what the peer has sent, without waiting: were the
    /// socket closed with bytes unread, the peer would lose our answer.
    ///
    /// - Returns: whether the peer has closed its side.
    func discard() -> Bool {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 65_536) { buffer in
            while true {
                let count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
                if count > 0 { continue }
                return count == 0 || errno != EAGAIN && errno != EINTR
            }
        }
    }

    /// `FCGX_PutStr`. A failure shows in the connection's state afterwards.
    private func put(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { raw in
            guard let start = raw.baseAddress else { return }
            unsafe FCGX_PutStr(
                start.assumingMemoryBound(to: CChar.self), Int32(raw.count), request.pointee.out)
        }
    }
}

extension Connection: Hashable {
    static func == (one: Connection, other: Connection) -> Bool {
        one === other
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}

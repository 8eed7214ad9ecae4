internal import CFastCGI
internal import Glibc
internal import Threads

/// What has come of a request whose body is longer than a socket holds. It is
/// taken in as it comes, without a worker that waits for it.
struct LongRequest {
    private var bytes: [UInt8] = []
    private let bodyLimit: Int
    /// What the last scan has found, and in how many bytes.
    private var scan = RequestScan.incomplete
    private var scannedCount = -1

    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
    }

    /// Takes what has arrived on a socket, without waiting; nil if the peer has
    /// gone.
    mutating func take(from socket: Int32) -> RequestScan? {
        let isOpen = unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 65_536) { buffer in
            while bytes.count <= 2 * (RequestScan.parameterLimit + bodyLimit) {
                let count = unsafe recv(socket, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
                guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
                unsafe bytes += UnsafeBufferPointer(buffer)[..<count]
            }
            return true
        }
        guard isOpen else { return nil }
        guard bytes.count != scannedCount else { return scan }
        scannedCount = bytes.count
        scan = RequestScan(bytes.span, bodyLimit: BodyLimit(bodyLimit))
        // What comes behind it has been taken out of the socket, too.
        if scan == .ready, isComplete(without: 1) { scan = .malformed }
        return scan
    }

    private func isComplete(without count: Int) -> Bool {
        RequestScan(bytes.span.extracting(droppingLast: count), bodyLimit: BodyLimit(bodyLimit)) == .ready
    }

    /// A file in memory with the whole, to be read from its beginning; nil if
    /// there is no memory for it.
    func file() -> Int32? {
        let file = memory_file()
        guard file >= 0 else { return nil }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
            guard count > 0 else {
                close(file)
                return nil
            }
            rest.removeFirst(count)
        }
        lseek(file, 0, SEEK_SET)
        return file
    }
}

/// Places for long requests: so many are held in memory at once, and no more.
final class Places: Sendable {
    private let free: Locked<Int>

    init(_ count: Int) {
        free = Locked(count)
    }

    /// False if all are taken.
    func take() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    func giveBack() {
        free.withLock { $0 += 1 }
    }
}

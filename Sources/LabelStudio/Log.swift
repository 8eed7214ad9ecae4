internal import Accounts
internal import Glibc
internal import Synchronization
internal import Threads
internal import Web

/// The log: one line for each event, on standard error.
///
///     2026-01-31T23:59:59Z warning token-refused from=192.0.2.1 path=/api/invite
///
/// What matters is written at once. Lines about requests are gathered for some
/// milliseconds and written together, by a thread of their own.
final class Log: Sendable {
    private let leastLevel: Atomic<Int>
    private let gathered = Locked(Gathered())
    /// Has one element while lines wait.
    private let bell = WorkQueue<Void>(capacity: 1)
    private let writer = Locked<Thread?>(nil)

    private struct Gathered {
        var lines = LineWriter()
        /// Nobody will come for them any more.
        var isOver = false
    }

    /// Bytes that may wait while nobody reads the log; then requests wait too,
    /// for a line is not to be lost.
    private static let limit = 4_194_304

    init(level: Event.Level) {
        leastLevel = Atomic(level.rawValue)
    }

    /// Events below it are not told.
    var level: Event.Level {
        get { Event.Level(rawValue: leastLevel.load(ordering: .relaxed))! }
        set { leastLevel.store(newValue.rawValue, ordering: .relaxed) }
    }

    func write(_ event: Event) {
        guard event.level >= level else { return }
        let instant = Clock.now()
        guard event.level > .info else { return gather { $0.add(event, at: instant) } }
        var line = LineWriter()
        line.add(event, at: instant)
        line.write()
    }

    func write(_ request: RequestLine) {
        gather { $0.add(request) }
    }

    /// Lines are put together here, by the thread that answers: that takes less
    /// than to hand another one what they are made of.
    private func gather(_ add: (inout LineWriter) -> Void) {
        let isFirst = gathered.withLock { gathered in
            let isFirst = gathered.lines.bytes.isEmpty
            add(&gathered.lines)
            if gathered.isOver || gathered.lines.bytes.count > Self.limit { gathered.lines.write() }
            return isFirst
        }
        if isFirst { _ = bell.push(()) }
    }

    /// Starts writing the lines that wait.
    func start() {
        writer.withLock { writer in
            guard writer == nil else { return }
            writer = Thread { self.writeWaitingLines() }
        }
    }

    /// Writes what still waits; from now on every line is written at once.
    func stop() {
        bell.close()
        writer.withLock { $0 }?.join()
        gathered.withLock { gathered in
            gathered.isOver = true
            gathered.lines.write()
        }
    }

    private func writeWaitingLines() {
        var waiting = LineWriter()
        while bell.pop() != nil {
            usleep(Self.pauseMicroseconds)
            gathered.withLock { swap(&$0.lines, &waiting) }
            waiting.write()
        }
    }

    private static let pauseMicroseconds: UInt32 = 10_000
}

extension Log {
    /// A value cannot end its line or look like another field.
    static func quoted(_ value: String) -> String {
        let isPlain =
            !value.isEmpty
            && value.unicodeScalars.allSatisfy {
                $0.value > 0x20 && $0 != "\"" && $0 != "=" && $0 != "\\" && !isInvisible($0)
            }
        if isPlain { return value }
        var quoted = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            default: quoted += visible(scalar)
            }
        }
        return quoted + "\""
    }

    /// A text that does nothing to a terminal, on one line.
    static func visible(_ value: String) -> String {
        value.unicodeScalars.map(visible).joined()
    }

    private static func visible(_ scalar: Unicode.Scalar) -> String {
        isInvisible(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }

    /// Visible ASCII, apart from what has a meaning in a line.
    static func isPlain(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
            && byte != UInt8(ascii: "\\")
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
            true
        default: false
        }
    }
}

extension Event {
    /// A line about an event of the audit.
    init(_ event: AuditEvent) {
        var fields = [("from", event.clientAddress.isEmpty ? "unknown" : event.clientAddress)]
        if let actor = event.actor { fields.append(("user", "\(actor.id.number)")) }
        if let subject = event.subject { fields.append(("subject", "\(subject.id.number)")) }
        // The new address of somebody is in the audit; the log names people by number.
        if !event.detail.isEmpty, event.action != .emailChanged { fields.append(("detail", event.detail)) }
        self.init(.notice, event.action.rawValue, fields)
    }
}

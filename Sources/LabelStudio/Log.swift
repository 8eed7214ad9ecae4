internal import Accounts
internal import Glibc
internal import Threads
internal import Web

/// The log: one line for each event, on standard error.
///
///     2026-01-31T23:59:59Z warning token-refused from=192.0.2.1 path=/api/invite
///
/// What matters is written at once. Lines about requests are gathered for some
/// milliseconds and written together, by a thread of their own.
final class Log: Sendable {
    let level: Event.Level
    private let waiting = WorkQueue<Line>(capacity: 65_536)
    private let writer = Locked<Thread?>(nil)

    private enum Line {
        case event(Event, Timestamp)
        case request(RequestLine)
    }

    init(level: Event.Level) {
        self.level = level
    }

    func write(_ event: Event) {
        guard event.level >= level else { return }
        let line = Line.event(event, Clock.now())
        // A full queue is no reason to lose a line.
        if event.level > .info || !waiting.push(line) { writeNow(line) }
    }

    func write(_ request: RequestLine) {
        let line = Line.request(request)
        if !waiting.push(line) { writeNow(line) }
    }

    private func writeNow(_ line: Line) {
        var writer = LineWriter()
        add(line, to: &writer)
        writer.write()
    }

    private func add(_ line: Line, to writer: inout LineWriter) {
        switch line {
        case .event(let event, let instant): writer.add(event, at: instant)
        case .request(let request): writer.add(request)
        }
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
        waiting.close()
        writer.withLock { $0 }?.join()
    }

    private func writeWaitingLines() {
        var writer = LineWriter()
        while let first = waiting.pop() {
            usleep(Self.pauseMicroseconds)
            add(first, to: &writer)
            while !writer.isFull, let next = waiting.popIfAny() { add(next, to: &writer) }
            writer.write()
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
            default:
                quoted += isInvisible(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
            }
        }
        return quoted + "\""
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

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

    private struct Line {
        let instant: Timestamp
        let event: Event
    }

    init(level: Event.Level) {
        self.level = level
    }

    func write(_ event: Event) {
        guard event.level >= level else { return }
        let line = Line(instant: Clock.now(), event: event)
        // A full queue is no reason to lose a line.
        if event.level <= .info, waiting.push(line) { return }
        var writing = LineWriter()
        writing.add(line.event, at: line.instant)
        writing.write()
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
        while let first = waiting.pop() {
            usleep(Self.pauseMicroseconds)
            var writing = LineWriter()
            writing.add(first.event, at: first.instant)
            while !writing.isFull, let next = waiting.popIfAny() { writing.add(next.event, at: next.instant) }
            writing.write()
        }
    }

    private static let pauseMicroseconds: UInt32 = 10_000
}

/// Lines as bytes, to be written by one call: those of several threads do not mix.
private struct LineWriter {
    private var bytes: [UInt8] = []
    private var second: Int64 = -1
    private var prefix = ""

    var isFull: Bool { bytes.count > 65_536 }

    mutating func add(_ event: Event, at instant: Timestamp) {
        // Thousands of lines have the same second.
        if instant.microseconds / 1_000_000 != second {
            second = instant.microseconds / 1_000_000
            prefix = "\(instant.date)T\(instant.time)Z "
        }
        bytes += prefix.utf8
        bytes += event.level.name.utf8
        bytes.append(UInt8(ascii: " "))
        bytes += event.name.utf8
        for field in event.fields {
            bytes.append(UInt8(ascii: " "))
            bytes += field.name.utf8
            bytes.append(UInt8(ascii: "="))
            bytes += Log.quoted(field.value).utf8
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    func write() {
        unsafe bytes.withUnsafeBytes { bytes in
            var rest = unsafe bytes[...]
            while unsafe !rest.isEmpty {
                let count = unsafe Glibc.write(
                    STDERR_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                // Nobody reads: there is nobody to tell.
                guard count > 0 else { return }
                unsafe rest = rest.dropFirst(count)
            }
        }
    }
}

extension Event.Level {
    fileprivate var name: String {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        case .notice: "notice"
        }
    }
}

extension Log {
    /// A value cannot end its line or look like another field.
    static func quoted(_ value: String) -> String {
        if isPlainASCII(value) { return value }
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

    /// What almost every value is: visible ASCII, apart from what has a meaning here.
    private static func isPlainASCII(_ value: String) -> Bool {
        !value.isEmpty
            && value.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=")
                    && $0 != UInt8(ascii: "\\")
            }
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

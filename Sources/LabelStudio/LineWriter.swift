internal import Accounts
internal import HTTP
internal import Web

/// Lines of the log as bytes, to be written together.
struct LineWriter {
    private(set) var bytes: [UInt8] = []
    /// The journal notes by itself when a line came, and wants to know how much
    /// it matters.
    private let isForJournal: Bool
    private var second = Int64.min
    private var beginning: [UInt8] = []

    /// Bytes of a request's path that the log keeps.
    private static let pathLimit = 300

    init(isForJournal: Bool = Journal.isStandardError) {
        self.isForJournal = isForJournal
    }

    mutating func add(_ event: Event, at instant: Timestamp) {
        begin(event.level, instant)
        add(event.level)
        bytes.append(UInt8(ascii: " "))
        bytes += event.name.utf8
        for field in event.fields {
            bytes.append(UInt8(ascii: " "))
            bytes += field.name.utf8
            bytes.append(UInt8(ascii: "="))
            add(value: field.value)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func add(_ request: RequestLine) {
        begin(.info, request.instant)
        add("info request from=")
        add(value: request.client)
        add(" method=")
        add(request.method)
        add(" path=")
        addPath(of: request.target)
        add(" status=")
        bytes.append(decimal: request.status.rawValue)
        add(" microseconds=")
        bytes.append(decimal: Int(request.microseconds))
        if let user = request.user {
            add(" user=")
            bytes.append(decimal: Int(user.number))
        }
        if let reference = request.reference {
            add(" reference=")
            add(value: reference)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Writes to standard error, and forgets.
    mutating func write() {
        Terminal.note(bytes)
        bytes.removeAll(keepingCapacity: true)
    }

    private mutating func begin(_ level: Event.Level, _ instant: Timestamp) {
        if isForJournal { return add(Journal.priority(level)) }
        // Thousands of lines have the same second.
        if instant.microseconds / 1_000_000 != second {
            second = instant.microseconds / 1_000_000
            beginning = Array("\(instant.date)T\(instant.time)Z ".utf8)
        }
        bytes += beginning
    }

    private mutating func add(_ level: Event.Level) {
        switch level {
        case .debug: add("debug")
        case .info: add("info")
        case .warning: add("warning")
        case .error: add("error")
        case .notice: add("notice")
        }
    }

    private mutating func add(_ method: HTTP.Method) {
        if case .other(let name) = method { add(value: name) } else { bytes += method.name.utf8 }
    }

    private mutating func add(_ literal: StaticString) {
        literal.withUTF8Buffer { unsafe bytes += $0 }
    }

    /// What stands before the question mark.
    private mutating func addPath(of target: String) {
        let span = target.utf8Span.span
        var end = 0
        var isPlain = true
        while end < span.count, end < Self.pathLimit, span[end] != UInt8(ascii: "?") {
            isPlain = isPlain && Log.isPlain(span[end])
            end += 1
        }
        if isPlain, end > 0 {
            unsafe span.extracting(..<end).withUnsafeBufferPointer { unsafe bytes += $0 }
        } else {
            bytes += Log.quoted(String(decoding: target.utf8.prefix(end), as: UTF8.self)).utf8
        }
    }

    private mutating func add(value: String) {
        let span = value.utf8Span.span
        var isPlain = !span.isEmpty
        for index in span.indices { isPlain = isPlain && Log.isPlain(span[index]) }
        if isPlain { bytes += value.utf8 } else { bytes += Log.quoted(value).utf8 }
    }
}

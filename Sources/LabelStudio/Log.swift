internal import Accounts
internal import Glibc
internal import Web

/// The log: one line for each event, on standard error.
///
///     2026-01-31T23:59:59Z warning log-in-refused reason=wrongPassword
struct Log: Sendable {
    let level: Event.Level

    func write(_ event: Event) {
        guard event.level >= level else { return }
        let now = Clock.now()
        var line = "\(now.date)T\(now.time)Z \(event.level) \(event.name)"
        for field in event.fields { line += " \(field.name)=\(Self.quoted(field.value))" }
        line += "\n"
        // One call: lines of several threads do not mix.
        line.withUTF8 { bytes in _ = unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }

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

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
            true
        default: false
        }
    }
}

enum Clock {
    /// `clock_gettime`.
    static func now() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

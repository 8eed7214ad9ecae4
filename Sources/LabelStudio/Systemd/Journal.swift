internal import Glibc
internal import Web

/// The journal of systemd as where standard error goes.
enum Journal {
    /// Whether it is there that standard error goes: `JOURNAL_STREAM` names the
    /// device and inode, so that a redirection is noticed (systemd.exec(5)).
    static let isStandardError = names(
        SettingValues.environment()["JOURNAL_STREAM"] ?? "", descriptor: STDERR_FILENO)

    static func names(_ stream: String, descriptor: Int32) -> Bool {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }

    /// What each line begins with, so that the journal knows how much it matters:
    /// sd-daemon(3).
    static func priority(_ level: Event.Level) -> StaticString {
        switch level {
        case .debug: "<7>"
        case .info: "<6>"
        case .notice: "<5>"
        case .warning: "<4>"
        case .error: "<3>"
        }
    }

    /// A text for people, of one line or more.
    static func marked(_ text: String, _ level: Event.Level) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { "\(priority(level))\($0)" }.joined(separator: "\n")
    }
}

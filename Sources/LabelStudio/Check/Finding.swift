/// One line of `label-studio check`.
struct Finding {
    enum Level: String {
        case ok, warning, fault
    }

    let level: Level
    /// What was found, and what to do about it.
    let text: String

    static func ok(_ text: String) -> Finding { Finding(level: .ok, text: text) }
    static func warning(_ text: String) -> Finding { Finding(level: .warning, text: text) }
    static func fault(_ text: String) -> Finding { Finding(level: .fault, text: text) }
}

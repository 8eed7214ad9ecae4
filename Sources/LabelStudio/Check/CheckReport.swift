/// Prints findings as they come, and counts them.
struct CheckReport {
    private(set) var faults = 0
    private var warnings = 0

    mutating func add(_ findings: [Finding]) {
        for finding in findings {
            let padding = String(repeating: " ", count: 9 - finding.level.rawValue.count)
            Terminal.print(finding.level.rawValue + padding + Log.visible(finding.text))
            if finding.level == .fault { faults += 1 }
            if finding.level == .warning { warnings += 1 }
        }
    }

    func end() {
        Terminal.print("Faults: \(faults). Warnings: \(warnings).")
    }
}

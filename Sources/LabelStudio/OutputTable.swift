internal import HTTP

/// The form in which a command writes what it lists.
enum OutputFormat: String {
    case json, csv
}

/// A list on standard output: a table for people, JSON or CSV for scripts.
struct OutputTable {
    let columns: [String]
    /// Texts and numbers, as many as there are columns.
    var rows: [[JSON]] = []

    init(_ columns: String...) {
        self.columns = columns
    }

    /// - Parameter format: nil: a table.
    /// - Throws: `Files.Failure` if it cannot be written.
    func write(_ format: OutputFormat?) throws {
        switch format {
        case .json:
            let people = rows.map { row in JSON.object(zip(columns, row).map { JSON.Member($0, $1) }) }
            try Terminal.write(JSON.array(people).encoded + [UInt8(ascii: "\n")])
        case .csv:
            var bytes: [UInt8] = []
            CSV.append(columns, to: &bytes)
            for row in rows { CSV.append(row.map(Self.text), to: &bytes) }
            try Terminal.write(bytes)
        case nil:
            try Terminal.write(Array(table.utf8))
        }
    }

    /// Columns as wide as their widest cell; headings like `LAST ACTIVE`.
    private var table: String {
        let heading = columns.map { String($0.uppercased().map { $0 == "_" ? " " : $0 }) }
        let lines = [heading] + rows.map { $0.map { Log.visible(Self.text($0)) } }
        let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            var text = zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
                .joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text + "\n"
        }.joined()
    }

    private static func text(_ value: JSON) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): "\(number)"
        default: ""
        }
    }
}

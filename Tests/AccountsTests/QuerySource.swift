import Foundation

/// A query as it stands in a source file.
struct QuerySource: CustomStringConvertible {
    let file: String
    let line: Int
    /// With `$1` to `$n` for its interpolations.
    let sql: String

    var description: String { "\(file):\(line): \(sql)" }

    /// Every string literal in `Sources/Accounts` that begins like an SQL statement.
    static func all() throws -> [QuerySource] {
        let directory = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/Accounts")
        var queries: [QuerySource] = []
        for name in try FileManager.default.subpathsOfDirectory(atPath: directory.path).sorted()
        where name.hasSuffix(".swift") {
            let text = try String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
            queries += literals(in: text).filter { isStatement($0.text) }
                .map { QuerySource(file: name, line: $0.line, sql: $0.text) }
        }
        return queries
    }

    private static func isStatement(_ text: String) -> Bool {
        let word = text.drop { $0.isWhitespace }.prefix { $0.isLetter }
        return ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "WITH"].contains(word.uppercased())
    }

    /// The string literals of a Swift text, one line or several; comments are skipped.
    static func literals(in text: String) -> [(text: String, line: Int)] {
        var scanner = Scanner(text: Array(text.unicodeScalars))
        return scanner.literals()
    }

    private struct Scanner {
        let text: [Unicode.Scalar]
        var position = 0
        var line = 1

        init(text: [Unicode.Scalar]) {
            self.text = text
        }

        mutating func literals() -> [(text: String, line: Int)] {
            var found: [(String, Int)] = []
            while position < text.count {
                if isNext("//") {
                    while position < text.count, text[position] != "\n" { position += 1 }
                } else if text[position] == "\"" {
                    let start = line
                    found.append((literal(), start))
                } else {
                    advance()
                }
            }
            return found
        }

        /// A literal from its opening quote on; each interpolation becomes a parameter.
        private mutating func literal() -> String {
            let quote = isNext("\"\"\"") ? "\"\"\"" : "\""
            position += quote.unicodeScalars.count
            var content = ""
            var parameters = 0
            while position < text.count, !isNext(quote) {
                if isNext("\\(") {
                    position += 1
                    skipParentheses()
                    parameters += 1
                    content += "$\(parameters)"
                } else if text[position] == "\\" {
                    position += 2
                } else {
                    content.unicodeScalars.append(text[position])
                    advance()
                }
            }
            position += quote.unicodeScalars.count
            return content
        }

        /// From an opening parenthesis to after the one that closes it.
        private mutating func skipParentheses() {
            var depth = 0
            repeat {
                if text[position] == "\"" {
                    _ = literal()
                    continue
                }
                if text[position] == "(" { depth += 1 }
                if text[position] == ")" { depth -= 1 }
                advance()
            } while depth > 0 && position < text.count
        }

        private func isNext(_ mark: String) -> Bool {
            text[position...].starts(with: mark.unicodeScalars)
        }

        private mutating func advance() {
            if text[position] == "\n" { line += 1 }
            position += 1
        }
    }
}

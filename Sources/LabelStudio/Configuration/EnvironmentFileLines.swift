/// Reads the text of an environment file by the rules of systemd.exec(5), byte
/// by byte as systemd does (`parse_env_file_internal` in its `env-file.c`).
/// Whatever it drops without a word is a fault here, for nobody wrote it to be
/// dropped; and so is what its versions read differently.
struct EnvironmentFileLines {
    struct Fault {
        let line: Int
        let reason: String
    }

    private(set) var variables: [String: String] = [:]
    private(set) var faults: [Fault] = []

    private enum State {
        case beforeName, name, beforeValue, value, escaped, singleQuotes, doubleQuotes, escapedInQuotes
        case comment, escapedInComment
    }

    private var state = State.beforeName
    private var line = 1
    /// Where the variable began, or the quotes.
    private var firstLine = 1
    private var name: [UInt8] = []
    private var value: [UInt8] = []
    /// How much of the value stays if only white space follows.
    private var length = 0

    mutating func read(_ content: [UInt8]) {
        for byte in content {
            read(byte)
            if byte == UInt8(ascii: "\n") { line += 1 }
        }
        switch state {
        case .singleQuotes, .doubleQuotes, .escapedInQuotes: fault("the quotes do not end")
        case .escaped: fault("there is no line after the \\ at its end")
        case .name, .beforeValue, .value: read(UInt8(ascii: "\n"))
        case .beforeName, .comment, .escapedInComment: break
        }
    }

    private mutating func read(_ byte: UInt8) {
        switch state {
        case .beforeName: readBeforeName(byte)
        case .name: readName(byte)
        case .beforeValue: readBeforeValue(byte)
        case .value: readValue(byte)
        case .escaped:
            state = .value
            if !byte.isNewline { append(byte) }
        case .singleQuotes:
            if byte == UInt8(ascii: "'") { state = .beforeValue } else { append(byte) }
        case .doubleQuotes:
            switch byte {
            case UInt8(ascii: "\""): state = .beforeValue
            case UInt8(ascii: "\\"): state = .escapedInQuotes
            default: append(byte)
            }
        case .escapedInQuotes: readEscapedInQuotes(byte)
        case .comment:
            if byte.isNewline { state = .beforeName }
            if byte == UInt8(ascii: "\\") { state = .escapedInComment }
        case .escapedInComment:
            // Up to systemd 253 the next line is a comment, too.
            if byte.isNewline { fault("a comment may not end with \\") }
            state = byte.isNewline ? .beforeName : .comment
        }
    }

    private mutating func readBeforeName(_ byte: UInt8) {
        if byte.isSpace { return }
        firstLine = line
        if byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";") {
            state = .comment
        } else {
            (name, value, length) = ([], [], 0)
            state = .name
            readName(byte)
        }
    }

    private mutating func readName(_ byte: UInt8) {
        if byte.isNewline {
            fault("there is no = in it; comments begin with # or ;")
            state = .beforeName
        } else if byte == UInt8(ascii: "=") {
            while name.last?.isSpace == true { name.removeLast() }
            state = .beforeValue
        } else {
            name.append(byte)
        }
    }

    private mutating func readBeforeValue(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "'"): state = .singleQuotes
        case UInt8(ascii: "\""): state = .doubleQuotes
        case UInt8(ascii: "\\"): state = .escaped
        case _ where byte.isNewline: end()
        case _ where byte.isSpace: break
        default:
            state = .value
            append(byte)
        }
    }

    private mutating func readValue(_ byte: UInt8) {
        if byte.isNewline {
            value.removeLast(value.count - length)
            end()
        } else if byte == UInt8(ascii: "\\") {
            // What was escaped counts, and so does the white space before it.
            length = value.count
            state = .escaped
        } else if byte.isSpace {
            value.append(byte)
        } else {
            append(byte)
        }
    }

    private mutating func readEscapedInQuotes(_ byte: UInt8) {
        state = .doubleQuotes
        if !"\"\\`$\n".utf8.contains(byte) { append(UInt8(ascii: "\\")) }
        if byte != UInt8(ascii: "\n") { append(byte) }
    }

    private mutating func append(_ byte: UInt8) {
        value.append(byte)
        length = value.count
    }

    /// The end of a variable.
    private mutating func end() {
        state = .beforeName
        guard let name = Self.variableName(name) else {
            return fault("the name of a variable is made of letters, digits and _")
        }
        guard let text = String(validating: value, as: UTF8.self), !value.contains(0) else {
            return fault("the value of \(name) is not UTF-8 text")
        }
        variables[name] = text
    }

    private static func variableName(_ bytes: [UInt8]) -> String? {
        let isName = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isName, let first = bytes.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func fault(_ reason: String) {
        faults.append(Fault(line: firstLine, reason: reason))
    }
}

extension UInt8 {
    fileprivate var isNewline: Bool { self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
    fileprivate var isSpace: Bool { isNewline || self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}

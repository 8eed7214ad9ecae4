/// A file of another program that holds its `SECRET_KEY`.
enum SecretKeyFile {
    /// The variable, or else the only line that is not empty.
    static func key(in content: [UInt8]) -> [UInt8]? {
        if let key = variable(in: content) { return key }
        let lines = lines(of: content)
        return lines.count == 1 ? lines[0] : nil
    }

    /// What an `.env` file sets it to; the last line wins. Quotes around the
    /// value and an `export` before the name are not parts of them.
    static func variable(in content: [UInt8]) -> [UInt8]? {
        var key: [UInt8]?
        for line in lines(of: content) {
            var rest = line[...]
            if rest.starts(with: "export ".utf8) { rest = trimmed(rest.dropFirst("export ".utf8.count)) }
            guard let sign = rest.firstIndex(of: UInt8(ascii: "=")),
                trimmed(rest[..<sign]).elementsEqual("SECRET_KEY".utf8)
            else { continue }
            var value = trimmed(rest[(sign + 1)...])
            if let quote = value.first, "'\"".utf8.contains(quote), value.count > 1, value.last == quote {
                value = value.dropFirst().dropLast()
            }
            if !value.isEmpty { key = Array(value) }
        }
        return key
    }

    private static func lines(of content: [UInt8]) -> [[UInt8]] {
        content.split(separator: UInt8(ascii: "\n")).map { Array(trimmed($0)) }.filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while let first = text.first, " \t\r".utf8.contains(first) { text.removeFirst() }
        while let last = text.last, " \t\r".utf8.contains(last) { text.removeLast() }
        return text
    }
}

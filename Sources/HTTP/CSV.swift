/// Tables as text (RFC 4180).
public enum CSV {
    /// Appends a line.
    public static func append(_ cells: [String], to bytes: inout [UInt8]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(UInt8(ascii: "\""))
            // A spreadsheet would take the cell for a formula (OWASP, CSV Injection).
            if let first = cell.utf8.first, "=+-@\t\r".utf8.contains(first) {
                bytes.append(UInt8(ascii: "'"))
            }
            for byte in cell.utf8 {
                if byte == UInt8(ascii: "\"") { bytes.append(byte) }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes += "\r\n".utf8
    }
}

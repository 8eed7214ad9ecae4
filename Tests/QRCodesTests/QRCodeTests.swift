import QRCodes
import Testing

/// That a reader finds the text in it, the tests in Chromium show.
struct QRCodeTests {
    private let link =
        "https://labels.example.org/user/signup/?token=79efa58bf8139b70a18758a9704cb7cfc0173824"

    /// What is seen of a code, margins included: `#` is dark.
    private func picture(_ code: QRCode) -> [String] {
        (0..<code.side).map { row in
            String(
                (0..<code.side).map {
                    code.isDark(column: $0 - QRCode.margin, row: row - QRCode.margin) ? "#" : "."
                })
        }
    }

    /// The same, drawn after the path.
    private func drawing(_ code: QRCode) throws -> [String] {
        var rows = Array(repeating: Array(repeating: Character("."), count: code.side), count: code.side)
        var (column, row) = (0, 0)
        for step in code.path.matches(of: /(M)(\d+) (\d+)\.5|(m)(\d+) 0|(h)(\d+)/) {
            if step.1 != nil {
                (column, row) = (try #require(Int(step.2 ?? "")), try #require(Int(step.3 ?? "")))
            } else if step.4 != nil {
                column += try #require(Int(step.5 ?? ""))
            } else {
                let length = try #require(Int(step.7 ?? ""))
                for dark in column..<column + length { rows[row][dark] = "#" }
                column += length
            }
        }
        return rows.map { String($0) }
    }

    @Test func `three corners have the mark that cameras look for`() throws {
        let code = try #require(QRCode(link))
        let mark = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]
        for (left, top) in [(0, 0), (code.size - 7, 0), (0, code.size - 7)] {
            for (row, line) in mark.enumerated() {
                for (column, module) in line.enumerated() {
                    #expect(code.isDark(column: left + column, row: top + row) == (module == "#"))
                }
            }
        }
    }

    @Test func `the path draws every dark module and no other`() throws {
        let code = try #require(QRCode(link))
        #expect(try drawing(code) == picture(code))
    }

    @Test func `four light modules surround it`() throws {
        let code = try #require(QRCode(link))
        let picture = picture(code)
        #expect(code.side == code.size + 8)
        for line in picture.prefix(4) + picture.suffix(4) { #expect(line.allSatisfy { $0 == "." }) }
        for line in picture { #expect(line.hasPrefix("....") && line.hasSuffix("....")) }
    }

    @Test(arguments: [(1, true), (2_331, true), (2_332, false), (0, false)])
    func `2,331 bytes fit, and no more`(length: Int, fits: Bool) {
        #expect((QRCode(String(repeating: "a", count: length)) != nil) == fits)
    }
}

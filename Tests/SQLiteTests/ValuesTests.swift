import Database
import SQLite
import Testing

struct ValuesTests {
    private let database: SQLiteDatabase

    init() throws {
        database = try SQLiteDatabase()
        try database.write {
            try $0.runScript("CREATE TABLE t (id INTEGER PRIMARY KEY, i INTEGER, t TEXT, b BLOB) STRICT")
        }
    }

    @Test(
        arguments: [
            .null, .integer(0), .integer(-1), .integer(.max), .integer(.min),
            .text(""), .text("a"), .text("a\0b"), .text("\0"), .text("é😀"), .text("e\u{301}"),
            .text("'; DROP TABLE t;--"),
            .text(String(repeating: "x", count: 100_000)), .text("\r\n\t\u{7f}"),
            .bytes([]), .bytes([0]), .bytes([0, 255, 0]), .bytes(Array(repeating: 7, count: 100_000)),
        ] as [Value])
    func `a value comes back as it was`(value: Value) throws {
        let column =
            switch value {
            case .integer, .null: "i"
            case .text: "t"
            case .bytes: "b"
            }
        let row = try database.write { connection in
            switch column {
            case "i": try connection.rows("INSERT INTO t (i) VALUES (\(value))")
            case "t": try connection.rows("INSERT INTO t (t) VALUES (\(value))")
            default: try connection.rows("INSERT INTO t (b) VALUES (\(value))")
            }
            return try #require(
                try connection.row("SELECT i, t, b, typeof(i), typeof(t), typeof(b) FROM t"))
        }
        switch value {
        case .null:
            #expect(try row.optionalInteger(0) == nil)
            #expect(try row.text(3) == "null")
        case .integer(let integer):
            #expect(try row.integer(0) == integer)
            #expect(try row.text(3) == "integer")
        case .text(let text):
            // Byte by byte: "é" has two spellings that Swift takes for equal.
            #expect(try Array(row.text(1).utf8) == Array(text.utf8))
            #expect(try row.text(4) == "text")
        case .bytes(let bytes):
            #expect(try row.bytes(2) == bytes)
            #expect(try row.text(5) == "blob")
        }
    }

    @Test func `Swift values become those of the database`() throws {
        let row = try #require(
            try database.read { connection in
                let missing: String? = nil
                return try connection.row(
                    "SELECT \(true), \(false), \(Int64(7)), \("x"), \([UInt8]([1])), \(missing), \(Optional(Int64(8)))"
                )
            })
        #expect(try row.integer(0) == 1)
        #expect(try row.integer(1) == 0)
        #expect(try row.integer(2) == 7)
        #expect(try row.text(3) == "x")
        #expect(try row.bytes(4) == [1])
        #expect(try row.optionalText(5) == nil)
        #expect(try row.optionalInteger(6) == 8)
    }

    @Test func `a column of another type is an error, not a guess`() throws {
        let row = try #require(try database.read { try $0.row("SELECT 1, 'x', x'00', NULL") })
        for column in [1, 2, 3] { #expect(throws: DatabaseError.self) { try row.integer(column) } }
        for column in [0, 2, 3] { #expect(throws: DatabaseError.self) { try row.text(column) } }
        for column in [0, 1, 3] { #expect(throws: DatabaseError.self) { try row.bytes(column) } }
        #expect(throws: DatabaseError.self) { try row.optionalText(0) }
    }

    @Test func `a query has its values as parameters, counted from 1`() {
        let query: Query = "SELECT \("a") WHERE \(Int64(1)) = \(true) AND '\"'"
        #expect(query.sql == "SELECT $1 WHERE $2 = $3 AND '\"'")
        #expect(query.parameters == [.text("a"), .integer(1), .integer(1)])
    }

    @Test func `more than ten parameters keep their order`() throws {
        let row = try #require(
            try database.read {
                try $0.row(
                    """
                    SELECT \(Int64(1)), \(Int64(2)), \(Int64(3)), \(Int64(4)), \(Int64(5)), \(Int64(6)), \(Int64(7)),
                           \(Int64(8)), \(Int64(9)), \(Int64(10)), \(Int64(11)), \(Int64(12))
                    """)
            })
        for column in 0..<12 { #expect(try row.integer(column) == Int64(column + 1)) }
    }

    @Test func `a statement that is used again forgets its earlier values`() throws {
        let texts: [String?] = ["a", nil, "", "b"]
        for text in texts {
            let row = try #require(try database.read { try $0.row("SELECT \(text)") })
            #expect(try row.optionalText(0) == text)
        }
    }

    @Test func `a query that yields nothing has no row, one that yields several has all`() throws {
        try database.read { connection in
            #expect(try connection.row("SELECT 1 WHERE 1 = 0") == nil)
            let rows = try connection.rows("SELECT 1 UNION SELECT 2 UNION SELECT 3 ORDER BY 1")
            #expect(try rows.map { try $0.integer(0) } == [1, 2, 3])
        }
    }

    @Test(arguments: ["", "  ", "-- nothing", "SELEC 1", "SELECT * FROM nowhere", "SELECT"])
    func `a query that is none is an error of ours`(sql: String) {
        let error = #expect(throws: DatabaseError.self) {
            try database.read { try $0.rows(Query(stringLiteral: sql)) }
        }
        #expect(error?.reason == .other)
    }
}

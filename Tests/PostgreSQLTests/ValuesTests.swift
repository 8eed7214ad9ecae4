import Database
import PostgreSQL
import PostgreSQLServer
import Testing

@Suite(.sharedServer)
struct ValuesTests {
    private let database: PostgreSQLDatabase

    init() throws {
        database = try SharedServer.server.open()
    }

    private func row(_ query: Query) throws -> Row {
        try #require(try database.read { try $0.row(query) })
    }

    @Test(arguments: [
        ("true", 1), ("false", 0), ("42::smallint", 42), ("(-32768)::smallint", -32768),
        ("(-2147483648)::integer", -2_147_483_648), ("9223372036854775807::bigint", Int64.max),
        ("(-9223372036854775808)::bigint", Int64.min), ("(SELECT count(*) FROM pg_class WHERE false)", 0),
    ])
    func `numbers and truth values are integers`(sql: String, value: Int64) throws {
        #expect(try row(Query(stringLiteral: "SELECT \(sql)")).integer(0) == value)
    }

    @Test(arguments: [
        ("'Ängström 🎈'::text", "Ängström 🎈"), ("''::varchar(9)", ""), ("'relname'::name", "relname"),
        ("'{\"b\":  1}'::json", "{\"b\":  1}"), ("'{\"b\":1}'::jsonb", "{\"b\": 1}"),
        ("1.50::numeric", "1.50"),
        ("'6F9619FF-8B86-D011-B42D-00C04FC964FF'::uuid", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
        ("'untyped'", "untyped"),
    ])
    func `everything else is text`(sql: String, value: String) throws {
        #expect(try row(Query(stringLiteral: "SELECT \(sql)")).text(0) == value)
    }

    @Test(arguments: [
        ("2026-01-31 23:59:59.123456+00", "2026-01-31 23:59:59.123456"),
        ("2026-01-31 23:59:59.5+00", "2026-01-31 23:59:59.500000"),
        ("2026-01-31 23:59:59+00", "2026-01-31 23:59:59"),
        ("2026-01-31 23:59:59+05:30", "2026-01-31 18:29:59"),
        ("infinity", "infinity"), ("0044-03-15 12:00:00+00 BC", "0044-03-15 12:00:00+00 BC"),
    ])
    func `instants are in UTC, whatever the server is set to`(written: String, value: String) throws {
        // For the connections that come.
        try database.write {
            try $0.runScript(
                """
                CREATE ROLE "\(written)" LOGIN; ALTER ROLE "\(written)" SET TimeZone = 'Asia/Tokyo';
                ALTER ROLE "\(written)" SET DateStyle = 'German, DMY';
                ALTER ROLE "\(written)" SET bytea_output = 'escape'
                """)
        }
        let role = written.replacing("%", with: "%25").replacing(" ", with: "%20").replacing("+", with: "%2B")
            .replacing(":", with: "%3A")
        let other = try SharedServer.server.open(user: role)
        let read = try #require(try other.read { try $0.row("SELECT \(written)::timestamptz, 'a'::bytea") })
        #expect(try read.text(0) == value)
        #expect(try read.bytes(1) == Array("a".utf8))
    }

    @Test func `every value comes back as it was sent`() throws {
        let texts = ["", "a", "'; DROP TABLE t; --", "\\x00", "$1", "%s", "line\nline", "e\u{301} 🎈"]
        let bytes: [[UInt8]] = [[], [0], Array(0...255), Array("\\x00".utf8)]
        let integers: [Int64] = [0, -1, .min, .max]
        try database.read { connection in
            try connection.runScript("CREATE TEMPORARY TABLE t (a bigint, b text, c bytea, d integer)")
            for text in texts {
                let row = try connection.row("INSERT INTO t (b) VALUES (\(text)) RETURNING b, a, c, d")
                #expect(try row?.text(0) == text)
                #expect(try row?.optionalInteger(1) == nil)
                #expect(try row?.optionalText(2) == nil)
            }
            for bytes in bytes {
                #expect(
                    try connection.row("INSERT INTO t (c) VALUES (\(bytes)) RETURNING c")?.bytes(0) == bytes)
            }
            for integer in integers {
                let row = try connection.row("INSERT INTO t (a) VALUES (\(integer)) RETURNING a")
                #expect(try row?.integer(0) == integer)
            }
            let none: Int64? = nil
            let row = try connection.row(
                "INSERT INTO t VALUES (\(none), \(String?.none), \([UInt8]?.none), \(true)) RETURNING a, b, c, d"
            )
            #expect(try row?.optionalInteger(0) == nil)
            #expect(try row?.integer(3) == 1)
            #expect(
                try connection.rows("SELECT d FROM t").count == texts.count + bytes.count + integers.count + 1
            )
        }
    }

    @Test func `one statement takes values and NULL in turn`() throws {
        let values: [Int64?] = [nil, 5, nil, 6]
        try database.read { connection in
            for value in values {
                #expect(try connection.row("SELECT \(value)::bigint")?.optionalInteger(0) == value)
            }
            let prepared = try connection.row(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::bigint'")
            #expect(try prepared?.integer(0) == 1)
        }
    }

    @Test func `a parameter is never SQL`() throws {
        let evil = "1'); DROP TABLE pg_class; SELECT ('\"$1"
        #expect(
            try row("SELECT \(evil)::text, count(*) FROM pg_class WHERE relname = \(evil)").text(0) == evil)
    }

    @Test func `large values pass whole`() throws {
        let text = String(repeating: "ä", count: 4_000_000)
        let bytes = [UInt8](repeating: 0xa5, count: 8_000_001)
        let row = try row("SELECT \(text)::text, \(bytes)::bytea")
        #expect(try row.text(0) == text)
        #expect(try row.bytes(1) == bytes)
    }

    @Test func `many rows come in their order`() throws {
        let rows = try database.read { try $0.rows("SELECT n, n::text FROM generate_series(1, 10000) n") }
        #expect(try rows.map { try $0.integer(0) } == Array(1...10_000))
        #expect(try rows.last?.text(1) == "10000")
        #expect(try database.read { try $0.rows("SELECT 1 WHERE false") }.isEmpty)
    }

    @Test func `a text with a NUL is refused, not cut short`() throws {
        let error = #expect(throws: DatabaseError.self) { try row("SELECT \("ab\0cd")::text") }
        #expect(error?.reason == .other)
        #expect(error?.message.contains("ab") == false)
        #expect(try row("SELECT \("abcd")::text").text(0) == "abcd")
    }

    @Test func `a column of another type than expected is no crash`() throws {
        let row = try row("SELECT 'a', 1, NULL")
        #expect(throws: DatabaseError.self) { try row.integer(0) }
        #expect(throws: DatabaseError.self) { try row.text(1) }
        #expect(throws: DatabaseError.self) { try row.text(2) }
    }
}

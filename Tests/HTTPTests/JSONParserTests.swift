import Foundation
import Testing

@testable import HTTP

struct JSONParserTests {
    private func parse(_ text: String) throws -> JSON {
        try JSON(parsing: Array(text.utf8))
    }

    @Test(
        arguments: [
            ("null", .null), ("true", .boolean(true)), ("false", .boolean(false)),
            (" \t\r\n1 \t\r\n", .integer(1)),
            ("0", .integer(0)), ("-0", .integer(0)), ("-1", .integer(-1)), ("10", .integer(10)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("-9223372036854775809", .number(-9_223_372_036_854_775_808)),
            ("123456789012345678901234567890", .number(1.234_567_890_123_456_8e29)),
            ("1.0", .number(1)), ("-0.0", .number(-0.0)), ("0.1", .number(0.1)), ("1e2", .number(100)),
            ("1E+2", .number(100)), ("1e-2", .number(0.01)), ("-1.5e3", .number(-1500)), ("0e0", .number(0)),
            ("0.5e00", .number(0.5)), ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
            ("5e-324", .number(.leastNonzeroMagnitude)), ("1e-400", .number(0)),
            ("[]", .array([])), ("[ ]", .array([])), ("[[]  ]", .array([.array([])])),
            ("[1,\n2 , 3]", .array([.integer(1), .integer(2), .integer(3)])),
            ("[null,\"\",{}]", .array([.null, .string(""), .object([])])),
            ("{}", .object([])), ("{ }", .object([])), (#"{"":0}"#, .object([.init("", .integer(0))])),
            (
                #" { "b" : 1 , "a" : [ true ] } "#,
                .object([.init("b", .integer(1)), .init("a", .array([.boolean(true)]))])
            ),
        ] as [(String, JSON)])
    func `a well-formed text is read`(text: String, value: JSON) throws {
        #expect(try parse(text) == value)
    }

    @Test(arguments: [
        (#""""#, ""),
        (#""a b""#, "a b"),
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (#""\u0041\u00e9\u00E9""#, "Aéé"),
        (#""\u0000""#, "\0"),
        (#""\ud83d\ude00""#, "😀"),
        (#""\uD834\uDD1E""#, "𝄞"),
        (#""\ud83d\ude00\ud83d\ude00x""#, "😀😀x"),
        (#""\ufffd\uE000""#, "\u{fffd}\u{e000}"),
        ("\"é😀\u{7f}\u{2028}\u{2029}\u{80}\"", "é😀\u{7f}\u{2028}\u{2029}\u{80}"),
        (#""//\/*""#, "///*"),
        (#""\\u0041""#, #"\u0041"#),
    ])
    func `a string is read with its escapes`(text: String, value: String) throws {
        guard case .string(let read) = try parse(text) else {
            Issue.record("not a string")
            return
        }
        #expect(Array(read.utf8) == Array(value.utf8))
    }

    @Test(arguments: [
        "", " ", "\n", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1:2]", "[1}",
        "{]",
        #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1"#, #"{"a" 1}"#, #"{"a"::1}"#, #"{,"a":1}"#, "{1:1}",
        "{a:1}",
        "{'a':1}", #"{"a":1 "b":2}"#, "{null:1}", #"{"a":1}}"#, "[1]]", "1 2", "1,", "[1]x", "\"a\" \"b\"",
        "tru", "True", "TRUE", "nul", "truefalse", "nan", "NaN", "Infinity", "-Infinity", "undefined",
        "01", "-", "-01", "+1", ".5", "-.5", "1.", "1.e1", "1e", "1e+", "1E-", "1e1.5", "0x1", "0b1", "1_000",
        "--1",
        "1e1e1", "- 1", "1 .5", "1٣", "１", "00", "-00", "0e", "1ee2",
        "\"", "\"a", #""\""#, #""\x41""#, #""\a""#, #""\u""#, #""\u12""#, #""\u12g4""#, #""\u+123""#,
        #""\u 123""#,
        #""\U0041""#, #""\ud800""#, #""\udc00""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\u0041""#,
        #""\ud800\ud800""#, #""\ude00\ud83d""#, #""\ud83d\u""#, "\"\t\"", "\"\n\"", "\"\0\"", "\"\u{1f}\"",
        "'a'",
        "\u{feff}1", "1\0", "\u{a0}1", "\u{c}1", "\u{b}1", "\u{2028}1", "// a\n1", "/* a */1", "1 // a",
        "[1,/**/2]",
        "#1", "`1`",
    ])
    func `a malformed text is refused`(text: String) {
        #expect(throws: JSON.SyntaxError.self) { try parse(text) }
    }

    @Test(
        arguments: [
            [0x22, 0xff, 0x22], [0x22, 0xc0, 0xaf, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
            [0x22, 0xe2, 0x82, 0x22],
            [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], [0xff, 0xfe, 0x31, 0x00], [0x80],
        ] as [[UInt8]])
    func `a text that is not UTF-8 is refused`(bytes: [UInt8]) {
        #expect(throws: JSON.SyntaxError(problem: "the text is not UTF-8", offset: 0)) {
            try JSON(parsing: bytes)
        }
    }

    @Test(arguments: ["1e309", "-1e400", "1e99999999999", String(repeating: "9", count: 400)])
    func `a number too large for any type is refused`(text: String) {
        #expect(throws: JSON.SyntaxError.self) { try parse(text) }
    }

    @Test(arguments: [
        ("[1,", 3), ("[1,2", 4), (#"{"a":1,}"#, 7), ("1 2", 2), ("\"a", 2), ("[01]", 2), ("é", 0),
    ])
    func `an error says where it is`(text: String, offset: Int) {
        let error = #expect(throws: JSON.SyntaxError.self) { try parse(text) }
        #expect(error?.offset == offset)
        #expect(error?.description.hasSuffix(" at byte \(offset)") == true)
    }

    private func nested(_ levels: Int, in open: String, _ close: String) -> String {
        String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]")])
    func `values nest as deep as the limit and no deeper`(open: String, close: String) throws {
        let levels = open.hasPrefix("[{") ? JSON.depthLimit / 2 : JSON.depthLimit
        _ = try parse(nested(levels, in: open, close))
        let error = #expect(throws: JSON.SyntaxError.self) { try parse(nested(levels + 1, in: open, close)) }
        #expect(error?.problem == "too many levels")
    }

    @Test func `siblings do not count as levels`() throws {
        _ = try parse("[" + Array(repeating: "[[]]", count: 1_000).joined(separator: ",") + "]")
    }

    @Test(arguments: ["[", #"{"a":"#, "[{\"a\":"])
    func `a hundred thousand open levels do not exhaust the stack`(open: String) {
        #expect(throws: JSON.SyntaxError.self) { try parse(String(repeating: open, count: 100_000)) }
    }

    @Test func `a member is found by its name, the last of several counts`() throws {
        let object = try parse(#"{"a":1,"b":null,"a":2}"#)
        #expect(object["a"] == .integer(2))
        #expect(object["b"] == .null)
        #expect(object["c"] == nil)
        #expect(try parse("[1]")["a"] == nil)
        #expect(try parse("\"a\"")["a"] == nil)
    }
}

struct JSONWriterTests {
    private func text(_ value: JSON) -> String {
        String(decoding: value.encoded, as: UTF8.self)
    }

    @Test(
        arguments: [
            (.null, "null"), (.boolean(true), "true"), (.boolean(false), "false"),
            (.integer(0), "0"), (.integer(.min), "-9223372036854775808"),
            (.integer(.max), "9223372036854775807"),
            (.number(.infinity), "null"), (.number(.nan), "null"), (.number(-.infinity), "null"),
            (.number(0.5), "0.5"),
            (.string(""), #""""#), (.string("é😀"), "\"é😀\""),
            (.string("\"\\/"), #""\"\\/""#),
            (.string("\n\r\t\u{8}\u{c}\0\u{1f}\u{7f}"), #""\n\r\t\u0008\u000c\u0000\u001f\u007f""#),
            (.string("</script>&"), #""\u003c/script\u003e\u0026""#),
            (["b": .integer(1), "a": [true, nil, "x"], "": [:]], #"{"b":1,"a":[true,null,"x"],"":{}}"#),
            (["<": .integer(0)], #"{"\u003c":0}"#),
            ([], "[]"),
        ] as [(JSON, String)])
    func `a value is written without white space and harmless in HTML`(value: JSON, expected: String) {
        #expect(text(value) == expected)
    }

    @Test(
        arguments: [
            0.1, 1e21, -1e-7, 123_456_789.125, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e16, -0.5,
            1 / 3,
        ] as [Double])
    func `a number is read back as it was`(number: Double) throws {
        #expect(try JSON(parsing: JSON.number(number).encoded) == .number(number))
    }

    @Test func `every character is read back as it was, by Foundation too`() throws {
        let scalars = (0...0x1_ffff).compactMap(Unicode.Scalar.init)
        var string = String.UnicodeScalarView()
        string.append(contentsOf: scalars)
        let original = String(string)
        let encoded = JSON.array([.string(original)]).encoded
        guard case .array(let elements) = try JSON(parsing: encoded), case .string(let read) = elements[0]
        else {
            Issue.record("not an array of a string")
            return
        }
        #expect(read.utf8.elementsEqual(original.utf8))
        let foundation = try #require(
            try JSONSerialization.jsonObject(with: Data(encoded)) as? [String])
        #expect(foundation[0].utf8.elementsEqual(original.utf8))
    }

    @Test func `a nested value is read back as it was`() throws {
        var value: JSON = ["key \"quoted\"": ["😀", nil, true, .number(1.5), .integer(-3)], "empty": [:]]
        for _ in 0..<60 { value = [value] }
        #expect(try JSON(parsing: value.encoded) == value)
    }
}

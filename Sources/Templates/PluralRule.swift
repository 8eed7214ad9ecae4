/// Which of its forms a word has beside a number: an expression of C about `n`, as files
/// of gettext have it after `plural=` (GNU gettext, 12.2.9 "Plural forms").
///
///     n != 1
///     n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2
struct PluralRule: Sendable {
    private let expression: Expression

    /// One form for one thing, and one for all other numbers.
    static let english = PluralRule("n != 1")!

    /// Nil if it is no such expression.
    init?(_ text: some StringProtocol) {
        var parser = Parser(rest: Array(text.utf8.filter { $0 != UInt8(ascii: " ") })[...])
        guard let expression = parser.choice(), parser.rest.isEmpty else { return nil }
        self.expression = expression
    }

    /// How many forms there are, as far as the numbers that people meet tell.
    var formCount: Int {
        (0...200).reduce(1) { max($0, form($1) + 1) }
    }

    /// The place of the form, from 0.
    func form(_ number: Int) -> Int {
        expression.value(number)
    }
}

private indirect enum Expression: Sendable {
    case number
    case constant(Int)
    case not(Expression)
    case two(Expression, Operator, Expression)
    case choice(Expression, Expression, Expression)

    func value(_ number: Int) -> Int {
        switch self {
        case .number: number
        case .constant(let value): value
        case .not(let operand): operand.value(number) == 0 ? 1 : 0
        case .two(let left, let binary, let right): binary.apply(left.value(number), right.value(number))
        case .choice(let condition, let yes, let no):
            condition.value(number) != 0 ? yes.value(number) : no.value(number)
        }
    }
}

private enum Operator: String, Sendable {
    case or = "||"
    case and = "&&"
    case equal = "=="
    case unequal = "!="
    case atMost = "<="
    case atLeast = ">="
    case less = "<"
    case more = ">"
    case remainder = "%"

    /// From those that bind least; of two that begin alike, the longer one first.
    static let levels: [[Operator]] = [
        [.or], [.and], [.equal, .unequal], [.atMost, .atLeast, .less, .more], [.remainder],
    ]

    func apply(_ left: Int, _ right: Int) -> Int {
        switch self {
        case .or: left != 0 || right != 0 ? 1 : 0
        case .and: left != 0 && right != 0 ? 1 : 0
        case .equal: left == right ? 1 : 0
        case .unequal: left != right ? 1 : 0
        case .atMost: left <= right ? 1 : 0
        case .atLeast: left >= right ? 1 : 0
        case .less: left < right ? 1 : 0
        case .more: left > right ? 1 : 0
        case .remainder: right == 0 ? 0 : left % right
        }
    }
}

private struct Parser {
    var rest: ArraySlice<UInt8>
    private var depth = 0

    /// Parentheses and choices within each other; rules have two or three.
    private static let depthLimit = 50

    init(rest: ArraySlice<UInt8>) {
        self.rest = rest
    }

    mutating func choice() -> Expression? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit, let condition = binary(0) else { return nil }
        guard take("?") else { return condition }
        guard let yes = choice(), take(":"), let no = choice() else { return nil }
        return .choice(condition, yes, no)
    }

    private mutating func binary(_ level: Int) -> Expression? {
        guard level < Operator.levels.count else { return operand() }
        guard var left = binary(level + 1) else { return nil }
        while let found = Operator.levels[level].first(where: { take($0.rawValue) }) {
            guard let right = binary(level + 1) else { return nil }
            left = .two(left, found, right)
        }
        return left
    }

    private mutating func operand() -> Expression? {
        if take("n") { return .number }
        if take("(") {
            guard let inner = choice(), take(")") else { return nil }
            return inner
        }
        // No second one: a file of somebody else's does not nest calls without end.
        if take("!") { return rest.first == UInt8(ascii: "!") ? nil : operand().map(Expression.not) }
        let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        rest = rest.dropFirst(digits.count)
        return Int(String(decoding: digits, as: UTF8.self)).map(Expression.constant)
    }

    private mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }
}

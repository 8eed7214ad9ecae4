internal import Accounts
internal import HTTP

/// What a call was sent: the members of a JSON object, or the fields of a form.
/// Reading a field that cannot be taken notes why; `check` tells all of it at
/// once.
///
/// The words are those that clients of the product we follow know.
struct Fields {
    private var values: [JSON.Member]
    /// Whether all values are texts: a box that is not ticked is not sent then.
    private let isForm: Bool
    private var problems: [(field: String, message: String)] = []

    static let required = "This field is required."

    /// - Throws: `APIFault` if the body is neither JSON nor a form.
    init(_ visit: Visit) throws {
        guard case .complete(let body) = visit.request.body else {
            self.init([], isForm: false)
            return
        }
        switch MediaType(visit.request.header.contentType ?? "") {
        case .none where body.isEmpty:
            self.init([], isForm: false)
        case .json:
            self.init(try Self.object(body), isForm: false)
        case .form:
            guard let form = try? visit.form else {
                throw APIFault(.badRequest, "Form parse error - the form is malformed or not UTF-8")
            }
            self.init(form.fields.map { JSON.Member($0.name, .string($0.value)) }, isForm: true)
        case .none, .other:
            let type = visit.request.header.contentType ?? ""
            throw APIFault(.unsupportedMediaType, "Unsupported media type \"\(type)\" in request.")
        }
    }

    private init(_ values: [JSON.Member], isForm: Bool) {
        self.values = values
        self.isForm = isForm
    }

    private enum MediaType {
        case none, json, form, other

        init(_ field: String) {
            let type = field.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
            self =
                switch type {
                case "": .none
                case "application/json": .json
                case "application/x-www-form-urlencoded", "multipart/form-data": .form
                default: .other
                }
        }
    }

    private static func object(_ body: [UInt8]) throws -> [JSON.Member] {
        do {
            let value = try JSON(parsing: body)
            guard case .object(let members) = value else {
                throw APIFault(problems: [
                    ("non_field_errors", "Invalid data. Expected a dictionary, but got \(value.typeName).")
                ])
            }
            return members
        } catch let error as JSON.SyntaxError {
            throw APIFault(.badRequest, "JSON parse error - \(error)")
        }
    }

    /// The value of that name as it was sent; of several, the last.
    subscript(name: String) -> JSON? {
        values.last { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// What was sent under other names than these; each name once.
    func others(than known: Set<String>) -> [JSON.Member] {
        var others: [JSON.Member] = []
        for member in values where !known.contains(member.name) {
            others.removeAll { $0.name.utf8.elementsEqual(member.name.utf8) }
            others.append(member)
        }
        return others
    }

    /// As if it had not been sent.
    mutating func drop(_ name: String) {
        values.removeAll { $0.name == name }
    }

    mutating func note(_ field: String, _ message: String) {
        guard !problems.contains(where: { $0.field == field && $0.message == message }) else { return }
        problems.append((field, message))
    }

    /// - Throws: `APIFault` if anything was noted.
    func check() throws {
        guard problems.isEmpty else { throw APIFault(problems: problems) }
    }

    /// A text without the white space around it; nil if it was not sent.
    ///
    /// - Parameter limit: characters (Unicode code points).
    mutating func text(
        _ name: String, limit: Int, mayBeBlank: Bool = true, isRequired: Bool = false
    ) -> String? {
        guard let value = self[name] else {
            if isRequired { note(name, Self.required) }
            return nil
        }
        let text: String
        switch value {
        case .string(let string): text = trimmed(string)
        case .integer(let number): text = "\(number)"
        case .number(let number): text = "\(number)"
        case .null:
            note(name, "This field may not be null.")
            return nil
        case .boolean, .array, .object:
            note(name, "Not a valid string.")
            return nil
        }
        if text.utf8.contains(0) {
            note(name, "Null characters are not allowed.")
        } else if text.isEmpty, !mayBeBlank {
            note(name, "This field may not be blank.")
        } else if text.unicodeScalars.count > limit {
            note(name, "Ensure this field has no more than \(limit) characters.")
        } else {
            return text
        }
        return nil
    }

    /// - Parameter isComplete: whether a form with this box unticked means
    ///   false; else it means that the field was not sent.
    /// - Returns: nil if it was not sent; the inner nil for null.
    mutating func boolean(
        _ name: String, mayBeNull: Bool = false, isComplete: Bool = false
    ) -> Bool?? {
        guard let value = self[name] else { return isForm && isComplete ? .some(false) : nil }
        let meaning: Bool?
        switch value {
        case .boolean(let boolean): meaning = boolean
        case .integer(0), .number(0): meaning = false
        case .integer(1), .number(1): meaning = true
        case .string(let text): meaning = Self.boolean(text)
        default: meaning = nil
        }
        if let meaning { return .some(meaning) }
        let isNull = value == .null || value == "null" || value == "" || value == "None"
        if isNull, mayBeNull { return .some(nil) }
        note(name, value == .null ? "This field may not be null." : "Must be a valid boolean.")
        return nil
    }

    /// What counts as a truth value in a form or a query; nil: neither.
    static func boolean(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "t", "yes", "y", "on", "1": true
        case "false", "f", "no", "n", "off", "0": false
        default: nil
        }
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let value = self[name] else { return nil }
        let number: Int64?
        switch value {
        case .integer(let integer): number = integer
        case .number(let double): number = Int64(exactly: double)
        case .string(let text): number = Int64(text)
        default: number = nil
        }
        guard let number else {
            note(name, value == .null ? "This field may not be null." : "A valid integer is required.")
            return nil
        }
        if number < range.lowerBound {
            note(name, "Ensure this value is greater than or equal to \(range.lowerBound).")
        } else if number > range.upperBound {
            note(name, "Ensure this value is less than or equal to \(range.upperBound).")
        } else {
            return number
        }
        return nil
    }

    /// An address, by the one rule for addresses; nil if it was not sent.
    ///
    /// - Returns: the inner nil if it is null or empty and may be.
    mutating func email(_ name: String, mayBeNull: Bool = false, isRequired: Bool = false) -> EmailAddress?? {
        if mayBeNull, self[name] == .null || self[name] == "" { return .some(nil) }
        guard let text = text(name, limit: 254, mayBeBlank: false, isRequired: isRequired) else { return nil }
        do {
            return .some(try EmailAddress(parsing: text))
        } catch {
            note(name, "Enter a valid email address.")
            return nil
        }
    }

    mutating func instant(_ name: String) -> Timestamp? {
        guard let text = text(name, limit: 64) else { return nil }
        guard let instant = Timestamp(iso8601: text) else {
            note(
                name,
                "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm:ss[.uuuuuu][+HH:MM|-HH:MM|Z]."
            )
            return nil
        }
        return instant
    }

    /// A value that a form holds as the text of it.
    func json(_ name: String) -> JSON? {
        guard isForm, case .string(let text) = self[name] else { return self[name] }
        return (try? JSON(parsing: Array(text.utf8))) ?? .string(text)
    }
}

extension JSON {
    /// As the clients of this API call it.
    fileprivate var typeName: String {
        switch self {
        case .null: "NoneType"
        case .boolean: "bool"
        case .integer: "int"
        case .number: "float"
        case .string: "str"
        case .array: "list"
        case .object: "dict"
        }
    }
}

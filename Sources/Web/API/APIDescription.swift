internal import HTTP
internal import Templates

/// What the API can be asked, as OpenAPI 3.1 (`templates/openapi.json`): sent
/// to programs as it is, and shown to people as a page.
public struct APIDescription: Sendable {
    private let document: JSON
    let groups: [Group]

    /// The operations under one heading.
    struct Group: Sendable {
        let name: String
        let description: String
        let operations: [Operation]
    }

    struct Operation: Sendable {
        let method: String
        let path: String
        let summary: String
        let description: String
        /// Whether anybody may ask it.
        let isPublic: Bool
        let parameters: [Field]
        let body: [Field]
        let answers: [Answer]
    }

    struct Field: Sendable {
        let name: String
        let type: String
        /// The most characters that it can have; nil: that is not said.
        let limit: Int64?
        let description: String
        let isRequired: Bool
    }

    struct Answer: Sendable {
        let status: String
        let description: String
        /// Whether many calls answer so: it stands once in the document.
        let isShared: Bool
    }

    /// What many calls answer, by status.
    var sharedAnswers: [Answer] {
        var shared: [Answer] = []
        for answer in groups.flatMap(\.operations).flatMap(\.answers) where answer.isShared {
            if !shared.contains(where: { $0.status == answer.status }) { shared.append(answer) }
        }
        return shared.sorted { $0.status < $1.status }
    }

    /// The text is JSON, but not such a description.
    public struct Malformed: Error, CustomStringConvertible {
        public let description: String
    }

    /// - Throws: `JSON.SyntaxError` or `Malformed`.
    public init(parsing bytes: [UInt8]) throws {
        let document = try JSON(parsing: bytes)
        self.document = document
        let tags = document["tags"]?.elements ?? []
        let reader = Reader(document: document)
        let operations = try reader.operations()
        groups = tags.map { tag in
            let name = tag["name"]?.text ?? ""
            return Group(
                name: name, description: tag["description"]?.text ?? "",
                operations: operations.filter { $0.tag == name }.map(\.operation))
        }
        guard groups.reduce(0, { $0 + $1.operations.count }) == operations.count else {
            throw Malformed(description: "an operation has a tag that is not in the list of tags")
        }
    }

    /// The document of one installation.
    func document(server: String, version: String) -> JSON {
        guard case .object(let members) = document else { return document }
        return .object(
            members.map { member in
                switch member.name {
                case "servers": JSON.Member(member.name, [["url": .string(server)]])
                case "info": JSON.Member(member.name, member.value.setting("version", .string(version)))
                default: member
                }
            })
    }
}

private struct Reader {
    let document: JSON

    func operations() throws -> [(tag: String, operation: APIDescription.Operation)] {
        guard case .object(let paths) = document["paths"] else {
            throw APIDescription.Malformed(description: "there are no paths")
        }
        return try paths.flatMap { path in
            try (path.value.members).map { method in
                guard let tag = method.value["tags"]?.elements.first?.text else {
                    throw APIDescription.Malformed(description: "\(method.name) \(path.name) has no tag")
                }
                return (tag, operation(method, path.name))
            }
        }
    }

    private func operation(_ method: JSON.Member, _ path: String) -> APIDescription.Operation {
        let value = method.value
        let parameters = (value["parameters"]?.elements ?? []).map(resolved)
        let content = value["requestBody"]?["content"]?.members.first
        let answers = value["responses"]?.members ?? []
        return APIDescription.Operation(
            method: method.name.uppercased(), path: path, summary: value["summary"]?.text ?? "",
            description: value["description"]?.text ?? "",
            isPublic: value["security"]?.elements.isEmpty ?? false,
            parameters: parameters.map { parameter in
                field(
                    parameter["name"]?.text ?? "", parameter["schema"] ?? nil,
                    isRequired: parameter["required"] == true, description: parameter["description"]?.text)
            },
            body: fields(of: content?.value["schema"] ?? nil),
            answers: answers.map {
                APIDescription.Answer(
                    status: $0.name, description: resolved($0.value)["description"]?.text ?? "",
                    isShared: $0.value["$ref"] != nil)
            })
    }

    private func fields(of schema: JSON) -> [APIDescription.Field] {
        let schema = resolved(schema)
        let required = (schema["required"]?.elements ?? []).compactMap(\.text)
        return (schema["properties"]?.members ?? []).map { property in
            field(property.name, property.value, isRequired: required.contains(property.name))
        }
    }

    private func field(
        _ name: String, _ schema: JSON, isRequired: Bool, description: String? = nil
    ) -> APIDescription.Field {
        let schema = resolved(schema)
        var types = [schema["type"]?.text ?? ""]
        if let several = schema["type"]?.elements, !several.isEmpty { types = several.compactMap(\.text) }
        if let format = schema["format"]?.text { types.append(format) }
        var limit: Int64?
        if case .integer(let number) = schema["maxLength"] { limit = number }
        return APIDescription.Field(
            name: name, type: types.filter { !$0.isEmpty }.joined(separator: ", "), limit: limit,
            description: description ?? schema["description"]?.text ?? "", isRequired: isRequired)
    }

    /// What a reference into the document stands for; anything else as it is.
    private func resolved(_ value: JSON) -> JSON {
        guard let reference = value["$ref"]?.text, reference.hasPrefix("#/") else { return value }
        return reference.dropFirst(2).split(separator: "/").reduce(document) { $0[String($1)] ?? nil }
    }
}

extension JSON {
    fileprivate var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    fileprivate var elements: [JSON] {
        if case .array(let elements) = self { elements } else { [] }
    }

    fileprivate var members: [Member] {
        if case .object(let members) = self { members } else { [] }
    }

    /// The same object with another value of a member.
    fileprivate func setting(_ name: String, _ value: JSON) -> JSON {
        .object(members.map { $0.name == name ? Member(name, value) : $0 })
    }
}

extension Site {
    func getAPIDescription(_ visit: Visit) throws -> Response {
        let server = visit.address.origin + visit.address.prefix
        return json(.ok, apiDescription.document(server: server, version: settings.version))
    }

    /// The same for people to read.
    func showAPIDescription(_ visit: Visit) throws -> Response {
        visit.standing = try standing(of: visit)
        var page = Page(.apiDocs, title: sentence(.titleAPIDocs))
        page.values.set("DOCUMENT_URL", visit.ownLink("/api/docs/openapi.json"))
        page.values.set("WHOAMI_URL", visit.address.origin + visit.link("/api/current-user/whoami"))
        for answer in apiDescription.sharedAnswers { page.values.add("ANSWER", self.values(of: answer)) }
        for group in apiDescription.groups {
            var values = Values()
            values.set("GROUP_NAME", group.name)
            values.set("GROUP_TEXT", group.description)
            for operation in group.operations { values.add("OPERATION", self.values(of: operation)) }
            page.values.add("GROUP", values)
        }
        return try render(page, visit)
    }

    /// The document marks code by backticks (CommonMark), which a page shows as
    /// they are.
    private func unmarked(_ text: String) -> String {
        text.split(separator: "`").joined()
    }

    private func values(of operation: APIDescription.Operation) -> Values {
        var values = Values()
        values.set("METHOD", operation.method)
        values.set("PATH", operation.path)
        values.set("SUMMARY", unmarked(operation.summary))
        values.show("PUBLIC", if: operation.isPublic)
        if !operation.description.isEmpty {
            var text = Values()
            text.set("CALL_TEXT", unmarked(operation.description))
            values.add("EXPLAINED", text)
        }
        add(operation.parameters, "PARAMETERS", to: &values)
        add(operation.body, "BODY", to: &values)
        for answer in operation.answers where !answer.isShared {
            values.add("ANSWER", self.values(of: answer))
        }
        values.set(
            "OTHER_STATUSES", operation.answers.filter(\.isShared).map(\.status).joined(separator: ", "))
        return values
    }

    private func values(of answer: APIDescription.Answer) -> Values {
        var values = Values()
        values.set("STATUS", answer.status)
        values.set("ANSWER_TEXT", unmarked(answer.description))
        return values
    }

    private func add(_ fields: [APIDescription.Field], _ section: StaticString, to values: inout Values) {
        guard !fields.isEmpty else { return }
        var table = Values()
        for field in fields {
            var row = Values()
            row.set("FIELD_NAME", field.name)
            row.set("FIELD_TYPE", field.type)
            row.set("FIELD_TEXT", unmarked(field.description))
            row.show("REQUIRED", if: field.isRequired)
            if let limit = field.limit {
                var values = Values()
                values.set("LENGTH_LIMIT", "\(limit)")
                row.add("LIMITED", values)
            }
            table.add("FIELD", row)
        }
        values.add(section, table)
    }
}

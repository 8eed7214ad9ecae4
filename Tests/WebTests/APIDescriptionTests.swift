import Foundation
import HTTP
import Testing

@testable import Web

/// The description of the API is held to the route table: neither knows a call
/// that the other does not.
struct APIDescriptionTests {
    /// Where the description itself is.
    private static let documents: Set<String> = ["/api/docs", "/api/docs/openapi.json"]

    private static func description() throws -> APIDescription {
        try APIDescription(
            parsing: Array(Data(contentsOf: URL(filePath: World.templatesDirectory + "/openapi.json"))))
    }

    @Test func `every call of the route table is described, and no other`() throws {
        var routed: Set<String> = []
        for route in Route.table
        where (route.name.hasPrefix("/api/") || route.name == "/health")
            && !Self.documents.contains(route.name)
        {
            for action in route.actions { routed.insert("\(action.method.name) \(route.name)") }
        }
        var described: Set<String> = []
        for operation in try Self.description().groups.flatMap(\.operations) {
            let path = operation.path.replacing(/\{[a-z]+\}/, with: "#")
            described.insert("\(operation.method) \(path)")
        }
        #expect(described == routed)
        #expect(routed.count > 25)
    }

    @Test func `it says truly which calls need no token`() throws {
        let described = try Self.description().groups.flatMap(\.operations).filter(\.isPublic)
        var open: Set<String> = []
        for route in Route.table
        where (route.name.hasPrefix("/api/") || route.name == "/health")
            && !Self.documents.contains(route.name)
        {
            for action in route.actions {
                switch action.action {
                case .anyone, .anyCaller: open.insert("\(action.method.name) \(route.name)")
                case .member, .owner, .caller, .callingOwner: continue
                }
            }
        }
        #expect(Set(described.map { "\($0.method) \($0.path)" }) == open)
    }

    @Test func `every reference in it leads somewhere`() throws {
        let text = try String(contentsOfFile: World.templatesDirectory + "/openapi.json", encoding: .utf8)
        let document = try JSON(parsing: Array(text.utf8))
        let references = text.matches(of: /"\$ref": "#\/([^"]+)"/).map { String($0.1) }
        #expect(references.count > 50)
        for reference in Set(references) {
            let target = reference.split(separator: "/").reduce(JSON?.some(document)) { $0?[String($1)] }
            #expect(target != nil, "\(reference)")
        }
    }

    @Test func `the document names the server that sent it`() throws {
        let world = try World(address: "https://labels.example/labels")
        let document = try JSON(parsing: Browser(world).get("/labels/api/docs/openapi.json").body)
        #expect(document["openapi"] == "3.1.0")
        #expect(document["servers"] == [["url": "https://labels.example/labels"]])
        #expect(document["info"]?["version"] == "0.1.0")
    }

    @Test(arguments: [
        "{}", #"{"paths": []}"#, #"{"tags": [], "paths": {"/a": {"get": {"tags": ["You"]}}}}"#,
        #"{"tags": [{"name": "You"}], "paths": {"/a": {"get": {}}}}"#,
    ])
    func `what is no such description is refused at the start`(text: String) {
        #expect(throws: APIDescription.Malformed.self) { try APIDescription(parsing: Array(text.utf8)) }
    }
}

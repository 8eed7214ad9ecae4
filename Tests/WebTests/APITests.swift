import Accounts
import Foundation
import HTTP
import Testing

@testable import Web

struct APITests {
    @Test func `whoami has the 14 keys of a user and 44 permissions`() throws {
        let ada = Browser.member("ada@example.org", in: try World())
        let user = try JSON(parsing: ada.get("/api/current-user/whoami").body)
        guard case .object(let members) = user else { throw Unexpected() }
        #expect(
            members.map(\.name) == [
                "id", "first_name", "last_name", "username", "email", "last_activity", "custom_hotkeys",
                "avatar", "initials", "phone", "active_organization", "active_organization_meta",
                "allow_newsletters", "date_joined", "permissions",
            ])
        guard case .array(let permissions) = user["permissions"] else { throw Unexpected() }
        #expect(permissions.count == 44)
        #expect(permissions.first == "organizations.create" && permissions.last == "views.delete")
        #expect(Set(permissions.map { "\($0)" }).count == 44)
    }

    @Test func `every error of the API has the envelope that clients know`() throws {
        let exchanges = try Subject.allPlayed.flatMap { try $0.1.get().exchanges }
            .filter { $0.request.target.hasPrefix("/api") && $0.request.gate == nil }
            .filter { $0.response.status.rawValue >= 400 }
        #expect(exchanges.count > 30)
        for exchange in exchanges where exchange.request.method != .head {
            let error = try JSON(parsing: exchange.response.body)
            guard case .object(let members) = error else { throw Unexpected() }
            if Self.bareErrors.contains(members.map(\.name)) { continue }
            let envelope = ["id", "status_code", "version", "detail", "exc_info"]
            #expect(members.prefix(5).map(\.name) == envelope)
            #expect(members.dropFirst(5).allSatisfy { $0.name == "validation_errors" })
            #expect((error["validation_errors"] != nil) == (error["detail"] == "Validation error"))
            #expect(error["status_code"] == .integer(Int64(exchange.response.status.rawValue)))
            #expect(error["exc_info"] == .null)
            guard case .string(let id) = error["id"] else { throw Unexpected() }
            #expect(id.contains(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/))
        }
    }

    /// Those that have no envelope in the product we follow either: shortcuts
    /// that are none, and removing oneself.
    private static let bareErrors = [["error", "details"], ["detail"]]

    @Test func `a session is not needed for a call with a token, and its origin does not matter`() throws {
        let world = try World()
        _ = Browser.member("ada@example.org", in: world)
        let token = try world.accounts.apiToken(of: User.ID(1))
        for origin in [nil, "null", "https://evil.example"] {
            let response = Browser(world).send(.post, "/api/invite/reset-token") {
                $0.header.authorization = "Token \(token)"
                $0.header.origin = origin
                $0.header.secFetchSite = origin == nil ? nil : "cross-site"
            }
            #expect(response.status == .created)
        }
    }

    @Test func `50 clients that sign up with one address make one account`() throws {
        let world = try World(isThrottled: false)
        let statuses = Guarded<[Status]>([])
        DispatchQueue.concurrentPerform(iterations: 50) { _ in
            let response = Browser(world).post(
                "/user/signup/", ["email": "ada@example.org", "password": Person.password])
            statuses.withLock { $0.append(response.status) }
        }
        let all = statuses.withLock { $0 }
        #expect(all.filter { $0 == .found }.count == 1)
        #expect(all.filter { $0 == .unprocessable }.count == 49)
        let organization = try #require(try world.accounts.organization())
        #expect(try world.accounts.memberCount(of: organization) == 1)
    }

    private struct Unexpected: Error {}
}

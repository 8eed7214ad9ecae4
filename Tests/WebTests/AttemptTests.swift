import Accounts
import Database
import HTTP
import Testing

@testable import Web

/// What a budget sees of attempts, beyond the transcripts.
struct AttemptTests {
    private let world: World
    private let owner: Browser

    init() throws {
        world = try World()
        owner = Browser.member("ada@example.org", in: world)
    }

    private func logIn(from address: String, _ password: String = "wrong password") -> Response {
        let browser = Browser(world)
        browser.remoteAddress = address
        return browser.post("/user/login/", ["email": "ada@example.org", "password": password])
    }

    @Test func `polling counts for the network that polls`() {
        while logIn(from: "192.0.2.1").status != .tooManyRequests {}
        // Far more than an address may try; none of it reaches the account.
        for _ in 0..<80 { _ = logIn(from: "198.51.100.1") }
        let other = Browser(world)
        other.remoteAddress = "198.51.100.1"
        let elsewhere = other.post(
            "/user/login/", ["email": "bob@example.org", "password": "wrong password"])
        #expect(elsewhere.status == .tooManyRequests)
    }

    @Test func `a wrong password stays wrong, and counts, when its row cannot be stored`() {
        world.database.fail(
            .init(text: "INSERT INTO audit_event", error: .init(.storage, "database or disk is full")))
        let statuses = (0..<12).map { _ in logIn(from: "192.0.2.1").status }
        #expect(statuses.first == .unprocessable)
        #expect(!statuses.contains(.serviceUnavailable))
        #expect(statuses.last == .tooManyRequests)
        // Whoever listens is told all the same.
        #expect(world.audit.contains { $0.action == .logInRefused && $0.detail.hasSuffix("(not stored)") })
    }

    @Test func `so does a wrong current password`() {
        owner.get("/user/account/")
        world.database.fail(
            .init(text: "INSERT INTO audit_event", error: .init(.storage, "database or disk is full")))
        let response = owner.post(
            "/user/account/password",
            ["current_password": "wrong password", "new_password": Person.newPassword])
        #expect(response.status == .unprocessable)
        #expect(world.audit.contains { $0.action == .passwordRefused && $0.detail == "(not stored)" })
    }

    @Test func `a log-in that fails by a fault of ours is no guess`() {
        world.database.fail(.init(text: "password_hash", error: .init(.busy, "database is locked")))
        for _ in 1...12 { #expect(logIn(from: "192.0.2.1").status == .serviceUnavailable) }
        world.database.fail(nil)
        #expect(logIn(from: "192.0.2.1").status == .unprocessable)
    }

    @Test func `the invite link is not shown without its row, and gets one when it is`() {
        world.database.fail(
            .init(text: "INSERT INTO audit_event", error: .init(.storage, "database or disk is full")))
        #expect(owner.get("/organization/invite").status == .serviceUnavailable)
        world.database.fail(nil)
        #expect(owner.get("/organization/invite").status == .ok)
        #expect(world.audit.filter { $0.action == .invitationShown }.count == 1)
    }

    @Test func `the cookie of a known browser reaches every page that asks for a password`() throws {
        for (address, prefix) in [(nil, ""), ("http://labels.example/labels", "/labels")] {
            let world = try World(address: address)
            let browser = Browser(world)
            let response = browser.post(
                "\(prefix)/user/signup/", ["email": "ada@example.org", "password": Person.password])
            let cookie = try #require(response.values("Set-Cookie").first { $0.contains("known-browser") })
            let path = try #require(cookie.firstMatch(of: /Path=([^;]+)/)).1
            for route in Route.table
            where route.isSlow && !route.name.hasPrefix("/api/") {
                #expect("\(prefix)\(route.name)".hasPrefix("\(path)/"), "\(route.name)")
            }
        }
    }

    @Test func `a long address costs no time at sign-up`() {
        let visitor = Browser(world)
        let began = ContinuousClock.now
        let response = visitor.post(
            "/user/signup/",
            [
                "email": (0..<30_000).map { "word\($0)" }.joined(separator: "."),
                "password": String(repeating: "kettle violet ", count: 70),
            ])
        #expect(response.status == .unprocessable)
        // Without the mend it took seconds.
        #expect(ContinuousClock.now - began < .milliseconds(1500))
    }
}

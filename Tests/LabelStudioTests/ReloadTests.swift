import Foundation
import HTTP
import Testing
import Threads
import Web

@testable import LabelStudio

struct ReloadTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func configuration(_ settings: [String: String] = [:]) throws -> Configuration {
        let environment = [
            "LABEL_STUDIO_BASE_DATA_DIR": directory.path,
            "LABEL_STUDIO_RESOURCES": ConfigurationTests.resources, "LABEL_STUDIO_LOG_LEVEL": "ERROR",
            "LABEL_STUDIO_THROTTLE": "off",
        ]
        return try Configuration(
            command: .fastcgi, flags: [:], environment: environment.merging(settings) { $1 })
    }

    @Test func `A line that was taken out of the file of variables counts no more`() throws {
        // As systemd starts it: with what the file said then in the environment.
        let file = try directory.write(
            "env", "LABEL_STUDIO_AUDIT_DAYS=7\nLABEL_STUDIO_PASSWORD_MIN_LENGTH=12\n")
        let environment = [
            "HOME": directory.path, "LABEL_STUDIO_RESOURCES": ConfigurationTests.resources,
            "LABEL_STUDIO_ENV_FILE": file, "LABEL_STUDIO_AUDIT_DAYS": "7",
            "LABEL_STUDIO_PASSWORD_MIN_LENGTH": "20",
        ]
        let start = try Configuration(command: .fastcgi, flags: [:], environment: environment)
        #expect(start.auditDays == 7)
        #expect(start.passwordMinimum == 12)
        try directory.write("env", "")
        let new = try Configuration(
            command: .fastcgi, flags: [:], environment: environment, reloading: start)
        #expect(new.auditDays == 90)
        #expect(new.passwordMinimum == 20, "this one has another source")
        #expect(start.reloaded(as: new).changed == [.passwordMinimum, .auditDays])
        try directory.write("env", "LABEL_STUDIO_AUDIT_DAYS=8\n")
        let again = try Configuration(
            command: .fastcgi, flags: [:], environment: environment, reloading: start)
        #expect(again.auditDays == 8)
    }

    @Test func `Who is asked for a password at the start is not asked again`() throws {
        let start = try configuration()
        let new = try Configuration(
            command: .fastcgi, flags: [.username: "a@example.com", .password: "-"],
            environment: [
                "HOME": directory.path, "LABEL_STUDIO_RESOURCES": ConfigurationTests.resources,
            ], reloading: start)
        #expect(new.account == nil)
    }

    @Test func `What can change while the service runs is taken over, the rest is named`() throws {
        let old = try configuration()
        let new = try configuration([
            "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true", "LABEL_STUDIO_HOST": "https://example.org",
            "LABEL_STUDIO_SESSION_COOKIE_NAME": "other", "LABEL_STUDIO_DATABASE_NAME": "/elsewhere",
            "LABEL_STUDIO_PORT": "9000",
        ])
        let reloaded = old.reloaded(as: new)
        #expect(reloaded.changed == [.host, .disableSignUpWithoutLink])
        #expect(reloaded.needsRestart == [.database, .sessionCookieName])
        #expect(!reloaded.configuration.isSignUpOpen)
        #expect(reloaded.configuration.publicAddress?.host == "example.org")
        #expect(reloaded.configuration.sessionCookieName == "sessionid")
        #expect(reloaded.configuration.database == old.database)
        let again = reloaded.configuration.reloaded(as: new)
        #expect(again.changed.isEmpty)
        #expect(again.needsRestart == [.database, .sessionCookieName], "until there is a restart")
        let back = again.configuration.reloaded(as: old)
        #expect(back.changed == [.host, .disableSignUpWithoutLink])
        #expect(back.needsRestart.isEmpty)
        #expect(back.configuration.isSignUpOpen)
    }

    @Test func `A site is replaced while many threads ask it`() throws {
        var configuration = try configuration()
        var service = try Service(configuration, isFirstStartAllowed: true)
        let site = CurrentSite(try service.site(configuration, on: service.accounts))
        let ending = Ending()
        let statuses = Locked<Set<Int>>([])
        let threads = (0..<3).map { _ in
            Thread {
                repeat {
                    let answer = site.value.answer(Request(method: .get, target: "/user/signup/"))
                    statuses.withLock { _ = $0.insert(answer.status.rawValue) }
                } while !ending.wait(.zero)
            }
        }
        for number in 0..<6 {
            let isDone = service.reload(&configuration, of: site) {
                try self.configuration([
                    "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": number.isMultiple(of: 2) ? "true" : "false",
                    "LABEL_STUDIO_THROTTLE": number.isMultiple(of: 2) ? "on" : "off",
                ])
            }
            #expect(isDone)
            let answer = site.value.answer(Request(method: .get, target: "/user/signup/"))
            #expect(answer.status == (number.isMultiple(of: 2) ? .forbidden : .ok))
        }
        ending.come()
        for thread in threads { thread.join() }
        #expect(statuses.withLock { $0.isSubset(of: [200, 403]) })
        let isDone = service.reload(&configuration, of: site) { throw Configuration.Faults(lines: ["wrong"]) }
        #expect(!isDone)
        #expect(site.value.answer(Request(method: .get, target: "/user/signup/")).status == .ok)
    }
}

import Accounts
import Database
import Enrollment
import Foundation
import HTTP
import Secrets
import Templates
import Upstream

@testable import Web

/// A whole site in this process: the real templates, a database in memory, and
/// a clock and a randomness that every run repeats.
final class World: Sendable {
    let site: Site
    let accounts: Accounts
    let database: FaultyDatabase
    /// The sub-path that is set.
    let prefix: [String]

    private let instant: Guarded<Timestamp>
    private let logged: Guarded<[Event]>
    private let audited: Guarded<[AuditEvent]>

    /// 2026-01-31 12:00:00.123456 UTC: when every test begins.
    static let beginning = Timestamp(microseconds: 1_769_860_800_123_456)

    static let templatesDirectory = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "templates").path

    /// - Parameters:
    ///   - address: `LABEL_STUDIO_HOST`.
    ///   - proxies: `LABEL_STUDIO_TRUSTED_PROXIES`.
    ///   - allowedOrigins: `CORS_ALLOWED_ORIGINS`.
    ///   - labelingServer: `LABEL_STUDIO_UPSTREAM`; its key is `its key`.
    ///   - siteHosts: `LABEL_STUDIO_SITE_HOSTS`.
    init(
        isSignUpOpen: Bool = true, address: String? = nil, proxies: [String] = [],
        cookieName: String = "sessionid", isThrottled: Bool = true, allowedOrigins: [String] = [],
        labelingServer: String? = nil, siteHosts: [String] = []
    ) throws {
        let instant = Guarded(Self.beginning)
        let logged = Guarded<[Event]>([])
        let audited = Guarded<[AuditEvent]>([])
        let randomness = Self.counter()
        let address = address.flatMap(PublicAddress.init(parsing:))
        let key = MasterKey(Array(0..<32))!
        database = try FaultyDatabase()
        accounts = try Accounts(
            database: database, key: key, passwords: Self.hasher.get(),
            rules: Accounts.Rules(isSignUpOpen: isSignUpOpen, passwordMinimum: 8),
            randomness: randomness, now: { instant.withLock { $0 } },
            observe: { event in audited.withLock { $0.append(event) } })
        let enroller = labelingServer.flatMap(UpstreamAddress.init(parsing:)).map { [accounts] in
            Enroller(
                accounts: accounts,
                server: LabelingServer(
                    at: $0, key: UpstreamKey(Array("its key".utf8)), randomness: randomness,
                    now: { instant.withLock { $0.microseconds / 1_000_000 } }))
        }
        site = Site(
            accounts: accounts,
            templates: try Self.templates(for: address, isBesideLabelingServer: enroller != nil),
            messages: try Self.messages.get(), apiDescription: try Self.apiDescription.get(),
            addresses: Addresses(
                configured: address, trustedProxies: proxies.compactMap(IPNetwork.init),
                siteHosts: siteHosts),
            settings: Site.Settings(
                sessionCookieName: cookieName, version: "0.1.0", allowedOrigins: allowedOrigins),
            throttle: Throttle(isOn: isThrottled), labelingServer: enroller, keys: Site.Keys(key),
            randomness: randomness,
            now: { instant.withLock { $0 } },
            log: { event in logged.withLock { $0.append(event) } })
        prefix = address?.prefixSegments ?? []
        self.instant = instant
        self.logged = logged
        self.audited = audited
    }

    var events: [Event] {
        logged.withLock { $0 }
    }

    /// What the audit was told, in order.
    var audit: [AuditEvent] {
        audited.withLock { $0 }
    }

    func pass(seconds: Int64) {
        instant.withLock { $0 = $0 + seconds }
    }

    func pass(minutes: Int64) {
        instant.withLock { $0 = $0 + minutes * 60 }
    }

    /// By the command line.
    func remove(_ email: String) throws {
        let user = try accounts.userID(email: EmailAddress(parsing: email))!
        try accounts.remove(user, by: .commandLine, from: .commandLine)
    }

    /// The same bytes in the same order in every run.
    private static func counter() -> Randomness {
        let calls = Guarded<UInt64>(0)
        return Randomness { count in
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            return (0..<UInt64(count)).map { UInt8(truncatingIfNeeded: mix(mix(call) ^ $0) >> 32) }
        }
    }

    /// The finalizer of SplitMix64: no two calls give bytes that look alike.
    private static func mix(_ number: UInt64) -> UInt64 {
        var mixed = (number &+ 1) &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// As cheap as libsodium lets it be.
    private static let hasher = Result {
        try PasswordHasher(cost: PasswordHasher.Cost(memory: 8192, passes: 1))
    }
    /// One for each kind of address: loading takes longer than most tests.
    private static let loaded = Guarded<[String: PageTemplates]>([:])

    private static func templates(
        for address: PublicAddress?, isBesideLabelingServer: Bool
    ) throws -> PageTemplates {
        let name = "\(address.map { $0.origin + $0.prefix } ?? "") \(isBesideLabelingServer)"
        return try loaded.withLock { loaded in
            if let known = loaded[name] { return known }
            let templates = try PageTemplates(
                path: templatesDirectory, address: address, assetsVersion: "0123456789",
                isBesideLabelingServer: isBesideLabelingServer)
            loaded[name] = templates
            return templates
        }
    }

    private static let apiDescription = Result {
        try APIDescription(
            parsing: Array(Data(contentsOf: URL(filePath: templatesDirectory + "/openapi.json"))))
    }

    private static let messages = Result {
        try Messages(
            path: templatesDirectory + "/messages.txt", names: Sentence.names)
    }
}

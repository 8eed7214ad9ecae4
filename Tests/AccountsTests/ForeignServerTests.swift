import Database
import Foundation
import PostgreSQL
import PostgreSQLServer
import Predecessor
import Testing

@testable import Accounts

/// The sample in PostgreSQL: everything is as from its SQLite file.
struct ForeignServerTests {
    private let server: PostgreSQLServer
    private let database: PostgreSQLDatabase

    init() throws {
        server = try PostgreSQLServer()
        database = try server.open()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Samples/label_studio.postgresql.sql")
        try change(String(contentsOf: script, encoding: .utf8))
    }

    private func change(_ sql: String) throws {
        try database.write { try $0.runScript(sql) }
    }

    private func read() throws -> Installation {
        try server.open().snapshot { try Installation(reading: $0) }
    }

    private func content(_ installation: Installation) -> String {
        var text = ""
        dump(installation, to: &text)
        return text
    }

    private func expect(_ fault: ReadingFault, after sql: String) {
        #expect(throws: fault) {
            // In a transaction that is not kept.
            try database.write { connection in
                try connection.runScript(sql)
                _ = try Installation(reading: connection)
            }
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `people, projects and tokens are those of the file`() throws {
        let sample = try ForeignSample()
        #expect(try content(read()) == content(sample.read()))
        let (one, other) = (try World(), try World())
        let report = try one.accounts.takeOver(
            read(), refreshKey: ForeignSample.secretKey, from: .commandLine)
        #expect(content(report) == content(try other.takeOver(sample)))
        #expect(report.people == 3 && report.projects == 1 && report.apiTokens == 3)
        #expect(report.refreshTokens == 1)
        #expect(try one.content() == other.content())
        _ = try one.logIn("bob.builder@example.com", "bob-Pässwörd-9")
        // A second run changes nothing.
        let again = try one.accounts.takeOver(
            read(), refreshKey: ForeignSample.secretKey, from: .commandLine)
        #expect(!again.hasChanged && again.knownPeople == 3)
    }

    private func content(_ report: ImportReport) -> String {
        var text = ""
        dump(report, to: &text)
        return text
    }

    @Test(.timeLimit(.minutes(10)))
    func `whatever differs from person to person is read as in the file`() throws {
        // One text for both.
        let sql = """
            UPDATE htx_user SET is_active = false, custom_hotkeys = '{"a": 1}', avatar = 'avatars/x.png',
                last_activity = '2026-01-31 23:59:59.5+00', date_joined = '2026-01-31 23:59:59+00' WHERE id = 2;
            UPDATE htx_user SET is_superuser = true, allow_newsletters = NULL, password = '!x' WHERE id = 3;
            UPDATE organizations_organizationmember SET deleted_at = '2026-02-01 00:00:00.000001+00'
                WHERE user_id = 2;
            UPDATE organization SET contact_info = 'chief@example.com', token = NULL;
            UPDATE jwt_auth_jwtsettings SET api_tokens_enabled = false, legacy_api_tokens_enabled = true;
            UPDATE project SET description = NULL;
            INSERT INTO organization (id, title, created_at, updated_at)
                VALUES (2, 'Other', '2026-01-31 23:59:59+00', '2026-01-31 23:59:59+00')
            """
        try change(sql)
        let sample = try ForeignSample(
            changedBy: sql.replacing(".5+00", with: ".500000").replacing("+00'", with: "'"))
        let installation = try read()
        #expect(content(installation) == content(try sample.read()))
        let alice = installation.people[1]
        #expect(!alice.isActive && alice.lastActiveAt == "2026-01-31 23:59:59.500000")
        #expect(alice.membership?.removedAt == "2026-02-01 00:00:00.000001")
        #expect(installation.otherOrganizations == 1)
    }

    @Test(.timeLimit(.minutes(10)))
    func `what is no such database, or a newer one, is named`() throws {
        expect(.missing("htx_user"), after: "DROP TABLE htx_user")
        expect(.missing("htx_user.phone"), after: "ALTER TABLE htx_user DROP COLUMN phone")
        expect(.empty, after: "DELETE FROM organization")
        let step = "INSERT INTO django_migrations VALUES (9999, 'users', '0012_more', now())"
        expect(.newer("users 0012_more"), after: step)
        // Where queries do not look, there is nothing.
        #expect(throws: ReadingFault.missing("authtoken_token")) {
            try database.read {
                try $0.runScript("SET search_path = pg_catalog")
                _ = try Installation(reading: $0)
            }
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `an older version without newer tables and columns is read`() throws {
        try change(
            """
            DROP TABLE jwt_auth_jwtsettings; DROP TABLE session_policy_sessiontimeoutpolicy;
            DROP TABLE token_blacklist_blacklistedtoken; DROP TABLE token_blacklist_outstandingtoken;
            ALTER TABLE organization DROP COLUMN contact_info;
            ALTER TABLE htx_user DROP COLUMN allow_newsletters, DROP COLUMN custom_hotkeys;
            ALTER TABLE project DROP COLUMN deleted_at, DROP COLUMN description;
            ALTER TABLE organizations_organizationmember DROP COLUMN deleted_at
            """)
        let installation = try read()
        #expect(installation.people.count == 3 && installation.projects.count == 1)
        #expect(installation.refreshTokens.isEmpty && installation.organization.sessionPolicy == nil)
    }
}

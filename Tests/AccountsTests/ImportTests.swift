import Database
import Foundation
import Photos
import Predecessor
import SQLite
import Secrets
import Testing

@testable import Accounts

/// What the sample holds stands in the sample's own tables.
struct ImportTests {
    private let world: World

    init() throws {
        world = try World()
    }

    private func email(_ text: String) throws -> EmailAddress {
        try EmailAddress(parsing: text)
    }

    private func user(_ text: String) throws -> User.ID {
        try #require(try world.accounts.userID(email: email(text)))
    }

    private func storedHash(of text: String) throws -> String {
        let email = try email(text)
        let row = try world.database.read {
            try $0.row("SELECT password_hash FROM user_account WHERE email = \(email)")
        }
        return try #require(row).text(0)
    }

    @Test func `everybody logs in with the password of before, once rehashed`() throws {
        let report = try world.takeOver(ForeignSample())
        #expect(report.people == 3)
        for (email, password) in [
            ("admin@example.com", "AdminPass-123"), ("alice@example.com", "AlicePass-123"),
            ("Bob.Builder@example.com", "bob-Pässwörd-9"),
        ] {
            #expect(try storedHash(of: email).hasPrefix("pbkdf2_sha256$1000000$"))
            #expect(throws: Accounts.LogInRefused.self) { try world.logIn(email, password + "x") }
            #expect(try storedHash(of: email).hasPrefix("pbkdf2_sha256$"))
            let session = try world.logIn(email, password)
            #expect(try world.visitor(session) != nil)
            #expect(try storedHash(of: email).hasPrefix("$argon2id$"))
            _ = try world.logIn(email, password)
        }
        try world.accounts.tidy()
        #expect(try world.count("imported_password") == 0)
    }

    @Test func `people keep their numbers, names and dates`() throws {
        try world.takeOver(ForeignSample())
        let alice = try #require(try world.member("alice@example.com"))
        #expect(alice.user.id.number == 2)
        #expect(alice.user.username == "alice")
        #expect(
            alice.user.profile
                == .init(
                    firstName: "Alice", lastName: "Ångström", phone: "+1 555 0100", allowsNewsletters: true))
        #expect(alice.user.createdAt.iso8601 == "2026-11-23T17:44:48.923263Z")
        #expect(alice.user.lastActiveAt.iso8601 == "2026-11-23T17:44:49.193281Z")
        #expect(alice.joinedAt.iso8601 == "2026-11-23T17:44:49.134069Z")
        #expect(alice.user.passwordProvisionedAt == nil)
        #expect(alice.role == .member)
        let bob = try #require(try world.member("bob.builder@example.com"))
        #expect(bob.user.id.number == 3)
        #expect(bob.user.profile.allowsNewsletters == false)
        // Made on the command line, without a user name.
        let admin = try #require(try world.member("admin@example.com"))
        #expect(admin.user.username == "admin")
        #expect(admin.role == .owner)
        // The next account gets a number of its own.
        try world.signUp("new@example.com")
        #expect(try #require(try world.member("new@example.com")).user.id.number == 4)
    }

    @Test(arguments: [
        ("admin@example.com", "sample-admin-token-0123456789"),
        ("alice@example.com", "f205d1a88d4d8b86a83aa7ec903088dcf62cebb6"),
        ("bob.builder@example.com", "5831738041cd987a75ff8ffe666a5c83c88b7a0b"),
    ])
    func `API tokens go on working and are shown`(email: String, token: String) throws {
        #expect(try world.takeOver(ForeignSample()).apiTokens == 3)
        let member = try #require(try world.accounts.member(apiToken: token))
        #expect(member.user.email.text == email)
        #expect(try world.accounts.apiToken(of: member.user.id) == token)
    }

    @Test func `the invite link goes on working until it is reset`() throws {
        let old = "WcQ4e7kam6SeCQnQWmz8O380LW2VDYgD5N4GXmOb"
        let report = try world.takeOver(ForeignSample())
        #expect(report.tookOrganization && report.tookInviteLink)
        #expect(try world.invitation() == old)
        #expect(throws: Never.self) { try world.signUp("new@example.com", token: old) }
        #expect(throws: Admission.Refusal.self) { try world.accounts.admission(token: old.lowercased()) }
        let stored = try #require(
            try world.database.read { try $0.row("SELECT invite_nonce FROM organization")?.bytes(0) })
        #expect(!String(decoding: stored, as: UTF8.self).contains("WcQ4e7"))

        let new = try #require(try world.accounts.resetInvitation(by: .commandLine, from: .commandLine))
        #expect(world.accounts.invitationToken(of: new) != old)
        #expect(try world.invitation().utf8.count == 40)
        #expect(throws: Admission.Refusal.self) { try world.signUp("late@example.com", token: old) }
    }

    @Test(arguments: [
        "NULL", "''", "'short'", "'with a space in it, and long'", "'ümlaut-0123456789-0123456789'",
    ])
    func `a link that cannot be kept is replaced by one of ours`(token: String) throws {
        let report = try world.takeOver(ForeignSample(changedBy: "UPDATE organization SET token = \(token)"))
        #expect(!report.tookInviteLink)
        #expect(report.notes.contains(.newInviteLink))
        #expect(try world.invitation().utf8.count == 40)
    }

    @Test func `title and session policy come along`() throws {
        try world.takeOver(
            ForeignSample(
                changedBy: """
                    UPDATE organization SET title = 'Ørsted & Söhne', id = 7;
                    UPDATE organizations_organizationmember SET organization_id = 7;
                    UPDATE project SET organization_id = 7;
                    UPDATE session_policy_sessiontimeoutpolicy
                    SET organization_id = 7, max_session_age = 60, max_time_between_activity = 30
                    """))
        let organization = try #require(try world.accounts.organization())
        #expect(organization.id == 7)
        #expect(organization.title == "Ørsted & Söhne")
        #expect(organization.sessionPolicy == SessionPolicy(maximumAge: 60, maximumIdleTime: 30))
        #expect(try world.accounts.projects(of: organization).count == 1)
    }

    @Test func `projects come along`() throws {
        let sample = try ForeignSample(
            changedBy: """
                UPDATE project SET id = 12, description = 'What it is for';
                INSERT INTO project SELECT 13, '', label_config, expert_instruction, show_instruction, model_version,
                data_types, is_published, created_at, updated_at, 77, show_skip_button, show_collab_predictions, sampling,
                task_data_login, task_data_password, overlap_cohort_percentage, show_overlap_first, control_weights, token,
                result_count, organization_id, is_draft, NULL, color, enable_empty_annotation, maximum_annotations,
                min_annotations_to_start_training, show_annotation_history, show_ground_truth_first,
                evaluate_predictions_automatically, reveal_preannotations_interactively, skip_queue, parsed_label_config,
                pinned_at, label_config_hash, custom_task_lock_ttl, search_vector, NULL, NULL, NULL, 0 FROM project
                """)
        let report = try world.takeOver(sample)
        #expect(report.projects == 2)
        #expect(report.notes.contains(.untitledProject("Project 13")))
        #expect(report.notes.contains(.projectWithoutAuthor("Project 13")))
        let organization = try #require(try world.accounts.organization())
        let project = try #require(try world.accounts.project(.init(12), of: organization))
        #expect(project.title == "Sample project")
        #expect(project.description == "What it is for")
        #expect(project.author?.text == "admin@example.com")
        #expect(project.createdAt.iso8601 == "2026-11-23T17:44:49.713024Z")
    }

    @Test func `deleted projects and those of others stay there, and are counted`() throws {
        let deleted = try world.takeOver(
            ForeignSample(changedBy: "UPDATE project SET deleted_at = '2026-11-24 00:00:00'"))
        #expect(deleted.projects == 0)
        #expect(deleted.notes.contains(.otherProjects(1)))
        let other = try World()
        let report = try other.takeOver(
            ForeignSample(
                changedBy: """
                    INSERT INTO organization (id, title, created_at, updated_at) VALUES (2, 'Other', '2027-01-01 00:00:00', '');
                    UPDATE project SET organization_id = 2
                    """))
        #expect(report.notes.contains(.otherProjects(1)))
        #expect(report.notes.contains(.otherOrganizations(1)))
    }

    @Test func `a second run changes nothing, even after much has changed here`() throws {
        let sample = try ForeignSample()
        try world.takeOver(sample)
        let before = try world.content()
        world.clock.advance(seconds: 3600)
        let again = try world.takeOver(sample)
        #expect(try world.content() == before)
        #expect(!again.hasChanged)
        #expect(again.knownPeople == 3 && again.knownProjects == 1)

        try world.database.write { try $0.rows("DELETE FROM project WHERE id = 1") }
        try world.accounts.revokeRefreshToken(
            "d27aa481cbdf47e199f67f13ed09967e", of: User.ID(3), from: .somewhere)
        try world.database.write { try $0.rows("DELETE FROM user_account WHERE id = 2") }
        try world.database.write {
            try $0.rows("UPDATE user_account SET email = 'robert@example.com' WHERE id = 3")
        }
        let changed = try world.content()
        try world.takeOver(sample)
        #expect(try world.content() == changed)
    }

    @Test func `who has come since comes with the next run`() throws {
        let sample = try ForeignSample()
        try world.takeOver(sample)
        try world.signUp("own@example.com")
        try sample.change(
            """
            INSERT INTO htx_user SELECT 4, password, NULL, 0, 'dora', 'dora@example.com', '', '', 0, 1, date_joined,
            last_activity, activity_at, '', '', 1, NULL, NULL FROM htx_user WHERE id = 2;
            INSERT INTO organizations_organizationmember (created_at, updated_at, organization_id, user_id)
            VALUES ('2026-11-25 00:00:00', '', 1, 4)
            """)
        let report = try world.takeOver(sample)
        #expect(report.people == 1 && report.knownPeople == 3)
        let dora = try #require(try world.member("dora@example.com"))
        // 4 is somebody else's number here.
        #expect(dora.user.id.number == 5)
        #expect(report.notes == [.newAPIToken(dora.user.email)])
        _ = try world.logIn("dora@example.com", "AlicePass-123")
    }

    @Test func `people are added to those who are here, with other numbers`() throws {
        let own = try world.signUp("own@example.com")
        try world.signUp("alice@example.com")
        let link = try world.invitation()
        let report = try world.takeOver(ForeignSample())
        #expect(report.people == 2)
        #expect(!report.tookOrganization && !report.tookInviteLink)
        #expect(try world.invitation() == link)
        #expect(
            report.notes.prefix(2) == [
                .organizationKept(title: "Label Studio"), .alreadyHere(try email("alice@example.com")),
            ])
        #expect(report.notes.contains(.ownerIsMember(try email("admin@example.com"))))
        #expect(try world.member("admin@example.com")?.role == .member)
        #expect(try #require(try world.member("admin@example.com")).user.id.number == 3)
        // Who was here keeps password and token; hers of there is worth nothing.
        _ = try world.logIn("alice@example.com")
        #expect(throws: Accounts.LogInRefused.self) { try world.logIn("alice@example.com", "AlicePass-123") }
        #expect(try world.accounts.member(apiToken: "f205d1a88d4d8b86a83aa7ec903088dcf62cebb6") == nil)
        #expect(try world.visitor(own) != nil)
        let organization = try #require(try world.accounts.organization())
        let project = try #require(try world.accounts.projects(of: organization).first)
        #expect(project.author?.text == "admin@example.com")
    }

    @Test func `nobody who was here gets the token of somebody there`() throws {
        try world.signUp("own@example.com")
        let token = try APIToken(parsing: "sample-admin-token-0123456789")
        _ = try world.accounts.provision(
            email: email("first@example.com"), password: Password(claimed: "x"), token: token)
        let report = try world.takeOver(ForeignSample())
        #expect(report.notes.contains(.newAPIToken(try email("admin@example.com"))))
        #expect(try world.accounts.member(apiToken: token.text)?.user.email.text == "first@example.com")
        #expect(try world.accounts.apiToken(of: user("admin@example.com")).utf8.count == 40)
    }

    @Test func `of two spellings of an address the one that could log in comes`() throws {
        let sample = try ForeignSample(
            changedBy: """
                UPDATE htx_user SET email = 'ALICE@example.com' WHERE id = 1;
                UPDATE htx_user SET email = 'Alice@Example.com' WHERE id = 3
                """)
        let report = try world.takeOver(sample)
        #expect(report.people == 1)
        #expect(report.notes.contains(.clash(person: 1, email: "ALICE@example.com", with: 2)))
        #expect(report.notes.contains(.clash(person: 3, email: "Alice@Example.com", with: 2)))
        #expect(report.notes.contains(.ownerChosen(try email("alice@example.com"))))
        #expect(report.notes.contains(.projectWithoutAuthor("Sample project")))
        #expect(try world.member("alice@example.com")?.user.id.number == 2)
        let before = try world.content()
        #expect(try !world.takeOver(sample).hasChanged)
        #expect(try world.content() == before)
    }

    @Test(arguments: ["admin", "", "a@b", "x@пример"])
    func `what is no address is named and stays there`(text: String) throws {
        let report = try world.takeOver(
            ForeignSample(changedBy: "UPDATE htx_user SET email = '\(text)' WHERE id = 2"))
        #expect(report.people == 2)
        #expect(report.notes.contains(.malformedEmail(person: 2, email: text)))
    }

    @Test func `a removed member stays removed`() throws {
        let report = try world.takeOver(
            ForeignSample(
                changedBy: """
                    UPDATE organizations_organizationmember SET deleted_at = '2026-11-23 20:00:00.5' WHERE user_id = 2;
                    UPDATE organizations_organizationmember SET deleted_at = '2026-11-23 20:00:00.500000' WHERE user_id = 3
                    """))
        #expect(report.notes.contains(.removed(try email("bob.builder@example.com"))))
        #expect(report.notes.contains(.inviteLinkKnown(removed: 2)))
        let organization = try #require(try world.accounts.organization())
        let bob = try #require(try world.accounts.person(User.ID(3), in: organization))
        #expect(bob.removedAt?.iso8601 == "2026-11-23T20:00:00.500000Z")
        let error = #expect(throws: Accounts.LogInRefused.self) {
            try world.logIn("bob.builder@example.com", "bob-Pässwörd-9")
        }
        #expect(error?.cause == .removed)
        #expect(try world.accounts.member(apiToken: "5831738041cd987a75ff8ffe666a5c83c88b7a0b") == nil)
        #expect(report.refreshTokens == 0)
        #expect(try world.count("refresh_token") == 0)
    }

    @Test func `of two memberships the one that is not removed counts`() throws {
        try world.takeOver(
            ForeignSample(
                changedBy: """
                    INSERT INTO organizations_organizationmember
                    (created_at, updated_at, organization_id, user_id, deleted_at)
                    VALUES ('2026-11-25 00:00:00', '', 1, 2, '2026-11-25 00:00:00')
                    """))
        #expect(try world.member("alice@example.com") != nil)
    }

    @Test func `an inactive user is deactivated`() throws {
        let report = try world.takeOver(
            ForeignSample(changedBy: "UPDATE htx_user SET is_active = 0 WHERE id = 2"))
        #expect(report.notes.contains(.deactivated(try email("alice@example.com"))))
        let error = #expect(throws: Accounts.LogInRefused.self) {
            try world.logIn("alice@example.com", "AlicePass-123")
        }
        #expect(error?.cause == .deactivated)
        try world.accounts.reactivate(user("alice@example.com"), by: .commandLine, from: .commandLine)
        _ = try world.logIn("alice@example.com", "AlicePass-123")
        #expect(try world.accounts.member(apiToken: "f205d1a88d4d8b86a83aa7ec903088dcf62cebb6") != nil)
    }

    @Test func `who was in no organization can be let in`() throws {
        let report = try world.takeOver(
            ForeignSample(changedBy: "DELETE FROM organizations_organizationmember WHERE user_id = 2"))
        #expect(report.notes.contains(.withoutOrganization(try email("alice@example.com"))))
        #expect(try world.member("alice@example.com") == nil)
        try world.accounts.restore(user("alice@example.com"), by: .commandLine, from: .commandLine)
        _ = try world.logIn("alice@example.com", "AlicePass-123")
    }

    @Test(arguments: [
        (
            "UPDATE htx_user SET is_active = 0 WHERE id = 1; UPDATE htx_user SET is_superuser = 1 WHERE id = 3",
            "bob.builder@example.com"
        ),
        ("UPDATE organization SET created_by_id = NULL", "admin@example.com"),
        ("DELETE FROM htx_user WHERE id = 1", "alice@example.com"),
    ])
    func `without an owner who can act, somebody else becomes one`(sql: String, owner: String) throws {
        let report = try world.takeOver(ForeignSample(changedBy: sql))
        #expect(report.notes.contains(.ownerChosen(try email(owner))))
        let organization = try #require(try world.accounts.organization())
        #expect(try world.accounts.owner(of: organization)?.text == owner)
    }

    @Test func `a superuser who is no owner is named`() throws {
        let report = try world.takeOver(
            ForeignSample(changedBy: "UPDATE htx_user SET is_superuser = 1 WHERE id = 2"))
        #expect(report.notes.contains(.superuser(try email("alice@example.com"))))
        #expect(try world.member("alice@example.com")?.role == .member)
    }

    @Test func `shortcuts and the contact address come along as they are`() throws {
        try world.takeOver(
            ForeignSample(
                changedBy: """
                    UPDATE htx_user SET custom_hotkeys = '{"a:b": {"key": "x"}}' WHERE id = 2;
                    UPDATE organization SET contact_info = 'Boss@Example.com'
                    """))
        let organization = try #require(try world.accounts.organization())
        let alice = try #require(try world.accounts.person(user("alice@example.com"), in: organization))
        #expect(alice.hotkeys == #"{"a:b": {"key": "x"}}"#)
        let bob = try #require(try world.accounts.person(user("bob.builder@example.com"), in: organization))
        #expect(bob.hotkeys == "{}")
        #expect(try world.accounts.organizationDetails()?.contactInfo == "boss@example.com")
    }

    @Test func `shortcuts and a contact address that make no sense are named`() throws {
        let report = try world.takeOver(
            ForeignSample(
                changedBy: """
                    UPDATE htx_user SET custom_hotkeys = '[1]' WHERE id = 2;
                    UPDATE organization SET contact_info = 'ask Bob'
                    """))
        #expect(report.notes == [.contactInfo("ask Bob"), .hotkeys(try email("alice@example.com"))])
        #expect(try world.accounts.organizationDetails()?.contactInfo == nil)
    }

    /// Behind the largest number that there is, SQLite gives no other.
    @Test(arguments: [
        "UPDATE htx_user SET id = 9223372036854775807 WHERE id = 2",
        "UPDATE htx_user SET id = 2147483648 WHERE id = 2",
        "UPDATE htx_user SET id = -5 WHERE id = 2",
        "UPDATE project SET id = 9223372036854775807",
        """
        UPDATE organization SET id = 9223372036854775807;
        UPDATE organizations_organizationmember SET organization_id = 9223372036854775807;
        UPDATE project SET organization_id = 9223372036854775807
        """,
    ])
    func `numbers that leave no room are replaced`(sql: String) throws {
        let sample = try ForeignSample(changedBy: "PRAGMA foreign_keys = OFF; \(sql)")
        let report = try world.takeOver(sample)
        #expect(report.notes.contains(.newNumbers))
        #expect(report.people == 3)
        let organization = try #require(try world.accounts.organization())
        #expect(organization.id == 1)
        let people = try world.accounts.everybody(in: organization).map(\.member.user.id.number)
        #expect(people.allSatisfy { (1...10).contains($0) })
        #expect(world.accounts.invitationToken(of: organization).count == 40)
        try world.signUp("next@example.com")
        #expect(try !world.takeOver(sample).hasChanged)
    }

    @Test func `a photo that is damaged is named, and one of somebody who does not come is not kept`() throws
    {
        let directory = try TemporaryDirectory()
        let photos = PhotoDirectory(path: directory.path)
        let accounts = try Accounts(
            database: world.database, photos: photos, key: World.key,
            passwords: PasswordHasher(cost: World.cheap),
            rules: Accounts.Rules(isSignUpOpen: true, passwordMinimum: 8), randomness: .system,
            now: { [clock = world.clock] in clock.now }, observe: { _ in })
        try world.signUp("alice@example.com")
        let sample = try ForeignSample(changedBy: "UPDATE htx_user SET avatar = 'avatars/' || id || '.gif'")
        let gif = [UInt8](Data(base64Encoded: "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")!)
        let files = ["avatars/1.gif": gif, "avatars/2.gif": gif, "avatars/3.gif": Array(gif.prefix(20))]
        let report = try accounts.takeOver(
            sample.read(), refreshKey: nil, mediaFile: { files[$0] }, from: .commandLine)
        let bob = try email("bob.builder@example.com")
        #expect(report.notes.contains(.photo(bob, file: "avatars/3.gif", .unusable(.broken))))
        let admin = try #require(try world.member("admin@example.com")?.user.photo)
        #expect(try photos.names(olderThan: 0) == [admin])
        #expect(try world.member("alice@example.com")?.user.photo == nil)
    }

    @Test func `an import that fails keeps no photo`() throws {
        let directory = try TemporaryDirectory()
        let photos = PhotoDirectory(path: directory.path)
        let accounts = try Accounts(
            database: world.database, photos: photos, key: World.key,
            passwords: PasswordHasher(cost: World.cheap),
            rules: Accounts.Rules(isSignUpOpen: true, passwordMinimum: 8), randomness: .system,
            now: { [clock = world.clock] in clock.now }, observe: { _ in })
        try world.database.write {
            try $0.runScript(
                "CREATE TRIGGER t BEFORE INSERT ON project BEGIN SELECT RAISE(ABORT, 'no'); END")
        }
        let sample = try ForeignSample(changedBy: "UPDATE htx_user SET avatar = 'avatars/' || id || '.gif'")
        let gif = [UInt8](Data(base64Encoded: "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")!)
        #expect(throws: DatabaseError.self) {
            try accounts.takeOver(sample.read(), refreshKey: nil, mediaFile: { _ in gif }, from: .commandLine)
        }
        #expect(try photos.names(olderThan: 0).isEmpty)
    }

    @Test func `what has no place here is named`() throws {
        let report = try world.takeOver(
            ForeignSample(
                changedBy: """
                    UPDATE htx_user SET avatar = 'avatars/1-me.png', custom_hotkeys = '{"a:b": {"key": "x"}}' WHERE id = 2;
                    UPDATE organization SET contact_info = 'boss@example.com';
                    UPDATE jwt_auth_jwtsettings SET legacy_api_tokens_enabled = 0, api_tokens_enabled = 0
                    """))
        let alice = try email("alice@example.com")
        #expect(
            report.notes == [
                .apiTokensWereOff, .legacyTokensWereOff,
                .photo(alice, file: "avatars/1-me.png", .unreadable),
            ])
    }

    @Test func `the audit tells of it`() throws {
        try world.takeOver(ForeignSample())
        let events = try world.accounts.audit(AuditFilter(), before: nil)
        #expect(
            events.map(\.action) == [.peopleImported, .accountMade, .accountMade, .accountMade])
        #expect(events[0].detail == "people 3, projects 1, tokens 4")
        #expect(events[1].subject?.email == "bob.builder@example.com")
        #expect(events[1].clientAddress == "command line")
    }

    @Test func `an import that fails leaves nothing behind`() throws {
        let before = try world.content()
        try world.database.write {
            try $0.runScript(
                "CREATE TRIGGER t BEFORE INSERT ON project BEGIN SELECT RAISE(ABORT, 'no'); END")
        }
        #expect(throws: DatabaseError.self) { try world.takeOver(ForeignSample()) }
        #expect(try world.content() == before)
    }
}

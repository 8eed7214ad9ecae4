import Foundation
import Templates
import Testing

extension TemplateDirectoryTests {
    /// The files in `templates/` of the repository.
    struct OurTemplatesTests {
        private static let path = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("templates").path

        /// File names without their ending; the layout is not among them.
        private static var pages: [String] {
            get throws {
                try FileManager.default.contentsOfDirectory(atPath: path).sorted()
                    .filter { $0.hasSuffix(".html") && $0 != TemplateDirectory.layout }
                    .map { String($0.dropLast(".html".count)) }
            }
        }

        private static func text(_ page: String) throws -> String {
            try String(contentsOfFile: "\(path)/\(page).html", encoding: .utf8)
        }

        /// Every name in the files. A `StaticString` cannot be made of what is
        /// read; `every name is known here` tells which one is missing.
        private static let variables: [StaticString] = [
            "COLUMN_NAME", "COLUMN_URL", "FOUND_TEXT", "NEWEST_URL", "PERSON_ACTIVE_EXACTLY", "PREVIOUS_URL",
            "SEARCH", "SEARCH_URL", "SORT",
            "ACCOUNT_NUMBER", "AGAIN_URL", "LABELING_ACCOUNT", "LABELING_BUTTON", "LABELING_URL",
            "ACCESS_TOKEN", "ACCESS_TOKEN_CREATED", "ACCESS_TOKEN_ID", "ACTION", "ACT_BUTTON", "ACT_HINT",
            "ACT_URL", "ADVICE", "ANSWER_TEXT",
            "API_TOKEN", "APPEARANCE", "ASSETS", "CALL_TEXT", "DOCUMENT_URL", "FIELD_NAME", "FIELD_TEXT",
            "FIELD_TYPE",
            "GROUP_NAME", "GROUP_TEXT", "METHOD", "PATH", "SUMMARY",
            "AUDIT_DAYS", "BASE", "BUTTON", "CANCEL_URL", "COOKIE_PATH", "CSRF", "CSV_URL", "EMAIL",
            "EVENT_ACTION",
            "EVENT_ACTOR", "EVENT_AT", "EVENT_AT_ISO", "EVENT_DETAIL", "EVENT_FROM", "EVENT_SUBJECT",
            "EXPECTED_ORIGIN", "FIELD_ID", "FIRST_NAME", "FIRST_URL", "HEADING", "INITIALS", "INVITE_URL",
            "JOINED", "JOINS", "JSON_URL", "LAST_NAME", "LENGTH_LIMIT", "LIMIT_TEXT", "LINK", "LOGIN_URL",
            "MEMBER_COUNT",
            "MESSAGE", "NEW_EMAIL", "NEW_TITLE", "NEXT_URL",
            "JOINS_SHOWN", "SIGNUP_URL", "WELCOME_URL",
            "NOTICE_TEXT", "OPEN_URL", "OTHER_STATUSES", "OPTION", "OPTION_TEXT", "ORGANIZATION",
            "ORGANIZATION_NAME",
            "OWN",
            "PASSWORD_MINIMUM",
            "PERSON", "PERSON_ACTIVE", "PERSON_ACTIVE_ISO", "PERSON_EMAIL", "PERSON_INITIALS",
            "PERSON_JOINED",
            "PERSON_JOINED_ISO", "PERSON_NAME", "PERSON_REMOVED", "PERSON_ROLE", "PERSON_URL", "PHONE",
            "PHOTO_URL",
            "PROJECT_AUTHOR", "PROJECT_CREATED", "PROJECT_DELETE_URL", "PROJECT_DESCRIPTION",
            "PROJECT_EDIT_URL", "PROJECT_SITE", "PROJECT_TITLE", "PROJECT_URL", "RECEIVED_ORIGIN",
            "QR_PATH", "QR_SIDE", "REFERENCE_ID", "RESET_AT",
            "RESET_BY", "REVOKE_URL", "SESSION_ADDRESS", "SESSION_BROWSER", "SESSION_ID", "SESSION_SEEN",
            "SESSION_SEEN_ISO",
            "SESSION_STARTED", "SESSION_STARTED_ISO", "SESSION_SYSTEM", "SIGNUP_URL", "SINCE", "SITE_HINT",
            "SITE_HOST", "SITE_URL", "STATUS",
            "SUBMIT", "TEXT", "TITLE", "UNTIL", "WHOAMI_URL",
        ]

        private static let sections: [StaticString] = [
            "ACCOUNT", "AGAIN", "HOME", "LABELING_ACT", "LABELING_SERVER", "ACCESS_TOKENS",
            "ACCESS_TOKENS_OFF",
            "ACCESS_TOKENS_ON", "API_TOKENS_OFF", "API_TOKENS_ON",
            "NO_ACCESS_TOKEN", "ANSWER", "BODY", "EXPLAINED", "FIELD", "GROUP", "OPERATION", "PARAMETERS",
            "PUBLIC", "REQUIRED",
            "APPEARANCE_CHOSEN", "GUIDE", "HAS_NO_PROJECTS", "HAS_PROJECTS", "JOINED", "SIGN_UP_OPEN",
            "WELCOME",
            "ACTS", "ACTS_CELL", "ACTS_COLUMN", "ASCENDING", "COLUMN", "DESCENDING", "FOUND", "NEWEST",
            "NOBODY_HERE", "NONE_OLDER", "PREVIOUS", "SEARCHABLE", "SORTED_OTHERWISE",
            "ACT", "ANONYMOUS", "AUTHOR", "CHOSEN", "CLOSED", "CONFIRM", "CURRENT_PASSWORD_PROBLEM",
            "DEACTIVATED",
            "DELETE", "DESCRIPTION", "DESCRIPTION_PROBLEM", "EMAIL_PASSWORD_PROBLEM", "EMAIL_PROBLEM",
            "EMPTY",
            "ERROR_TITLE", "EVENT", "EXPIRED", "FIRST", "FIRST_NAME_PROBLEM", "FIRST_PAGE", "GRAVE",
            "INVITED", "JOINS_PROBLEM", "KEEP",
            "MEMBER", "LAST_NAME_PROBLEM", "LEAVE", "LIMIT", "LIMITED", "LOCAL_HOST", "MANAGED",
            "MISTYPED",
            "NEWSLETTERS_NO", "NEWSLETTERS_OPEN", "NEWSLETTERS_YES", "NEW_PASSWORD_PROBLEM", "NEXT",
            "NOBODY",
            "NOTICE", "NO_EVENTS", "OPEN", "OPTIONS", "ORIGINS", "OTHER", "OTHERS", "OWNER",
            "PASSWORD_PROBLEM",
            "HAS_PHOTO", "PERSON", "PHONE_PROBLEM", "PHOTO", "PHOTO_PROBLEM", "PROBLEM", "PROBLEMS",
            "PROJECT", "PROVISIONED", "QR_CODE", "REFERENCE",
            "REMOVED",
            "RESET", "SESSION", "SIGNED_IN", "SIGNED_OUT", "SIGNUP", "SITE", "SITE_PROBLEM", "THIS_ONE",
            "TITLE_PROBLEM", "UNLIMITED", "UNMANAGED", "UNTIL_PROBLEM", "USED_UP",
            "WITH_ADVICE", "YOU",
        ]

        /// HTML that is safe already (`Markdown`): a page shows it as it is.
        private static let html: StaticString = "DESCRIPTION_HTML"

        /// Each variable with this value, each section shown, sections in sections too.
        private static func values(_ value: String) -> Values {
            var inner = Values()
            for name in variables { inner.set(name, value) }
            inner.set(html, "<p>text</p>")
            for name in sections { inner.add(name) }
            var values = inner
            for name in sections { values.add(name, inner) }
            // What can be done with a person of the list.
            var (person, cell) = (inner, inner)
            cell.add("ACTS", inner)
            person.add("ACTS_CELL", cell)
            values.add("PERSON", person)
            // The deepest that any page has: a field of a call of the API.
            var (call, group) = (inner, inner)
            for name in ["PARAMETERS", "BODY", "ANSWER"] as [StaticString] { call.add(name, inner) }
            group.add("OPERATION", call)
            values.add("GROUP", group)
            return values
        }

        private static func render(_ page: String, _ value: String) throws -> String {
            let templates = try TemplateDirectory(path: path, pages: [page])
            let values = values(value)
            return String(
                decoding: try templates.render(page: page, values),
                as: UTF8.self)
        }

        @Test func `every file begins with the marker`() throws {
            let pages = try Self.pages
            #expect(pages.count >= 17)
            for page in pages + ["layout"] {
                #expect(try Self.text(page).hasPrefix(TemplateDirectory.marker + "\n"), "\(page).html")
            }
        }

        @Test func `all files load, and the template library has nothing to say meanwhile`() throws {
            let pages = try Self.pages
            let written = try standardError { _ = try TemplateDirectory(path: Self.path, pages: pages) }
            // The test runner writes to standard error too.
            let complaints = written.split(separator: "\n").filter {
                $0.hasPrefix("ERROR") || $0.hasPrefix("WARNING")
            }
            #expect(complaints == [])
        }

        @Test func `a warning of the template library would be seen`() throws {
            let directory = try TemporaryDirectory()
            try directory.write("layout.html", TemplateDirectory.marker + "{{>MAIN}}")
            try directory.write("page.html", TemplateDirectory.marker + "{{#A}}")
            let written = try standardError {
                #expect(throws: TemplateDirectory.Unusable.self) {
                    try TemplateDirectory(path: directory.path, pages: ["page"])
                }
            }
            #expect(written.contains("ERROR"))
        }

        @Test func `every name is known here`() throws {
            var variables: Set<String> = []
            var sections: Set<String> = []
            for page in try Self.pages + ["layout"] {
                for match in try Self.text(page).matches(of: /\{\{([#\/>]?)([A-Z_]+)(?::p|:none)?\}\}/) {
                    switch match.1 {
                    case "": variables.insert(String(match.2))
                    case "#", "/": sections.insert(String(match.2))
                    default:
                        #expect(["MAIN", "PROBLEMS", "REFERENCE", "STRENGTH"].contains(match.2), "\(page)")
                    }
                }
            }
            #expect(variables == Set((Self.variables + [Self.html]).map(\.description)))
            #expect(sections == Set(Self.sections.map(\.description)))
        }

        @Test func `no value breaks out of its place on any page`() throws {
            for page in try Self.pages {
                let harmless = try Self.render(page, "value")
                let hostile = try Self.render(page, "\"'><img src=x onerror=alert(1)></script>&amp;")
                #expect(harmless.contains("value"), "\(page): no variable was filled in")
                // Not one tag or attribute more than with a harmless value.
                for mark in ["<", ">", "\"", "'"] as [Character] {
                    #expect(
                        hostile.count { $0 == mark } == harmless.count { $0 == mark },
                        "\(page): \(mark) in a value comes through")
                }
                // An ampersand of a value is one, whatever follows it.
                #expect(hostile.contains("&amp;amp;"))
            }
        }

        @Test func `no address on any page runs a script`() throws {
            for page in try Self.pages {
                let hostile = try Self.render(page, "javascript:alert(1)")
                #expect(hostile.firstMatch(of: /(?i)(href|src|action)="javascript:/) == nil, "\(page)")
            }
        }

        @Test func `every attribute is quoted, and nothing is inline`() throws {
            for page in try Self.pages + ["layout"] {
                let text = try Self.text(page)
                #expect(text.firstMatch(of: /=\{\{/) == nil, "\(page): an attribute without quotes")
                #expect(text.firstMatch(of: /(?i)\sstyle=|\son[a-z]+=|<style|javascript:/) == nil, "\(page)")
                #expect(text.firstMatch(of: /<script(?![^>]* src=)/) == nil, "\(page): an inline script")
                let others = text.replacing("{{\(Self.html):none}}", with: "")
                #expect(
                    others.firstMatch(of: /:[a-oq-z]+\}\}|:none/) == nil,
                    "\(page): a modifier that is not :p")
            }
        }

        @Test func `every form that is sent carries the token`() throws {
            var forms = 0
            for page in try Self.pages + ["layout"] {
                for form in try Self.text(page).matches(of: /(?s)<form.*?<\/form>/) {
                    forms += 1
                    // A filter changes nothing.
                    if form.0.contains("method=\"get\"") { continue }
                    #expect(form.0.contains("method=\"post\""), "\(page)")
                    #expect(form.0.contains("name=\"csrfmiddlewaretoken\" value=\"{{CSRF}}\""), "\(page)")
                    #expect(form.0.contains("novalidate"), "\(page)")
                }
            }
            #expect(forms >= 10)
        }

        @Test func `a typed password is never written into a page`() throws {
            for page in try Self.pages {
                for input in try Self.text(page).matches(of: /<input[^>]*type="password"[^>]*>/) {
                    #expect(!input.0.contains("value="), "\(page)")
                    #expect(!input.0.contains("maxlength"), "\(page)")
                }
            }
        }
    }
}

/// What is written to standard error while `body` runs; written there afterwards.
private func standardError(_ body: () throws -> Void) throws -> String {
    let directory = try TemporaryDirectory()
    let path = try directory.write("error", "")
    let original = dup(STDERR_FILENO)
    let file = unsafe open(path, O_WRONLY | O_APPEND)
    dup2(file, STDERR_FILENO)
    close(file)
    defer {
        dup2(original, STDERR_FILENO)
        close(original)
    }
    try body()
    return try String(contentsOfFile: path, encoding: .utf8)
}

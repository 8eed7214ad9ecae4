internal import Accounts

/// `label-studio user`: shows an account as scripts know it, a Python dictionary.
enum UserCommand {
    static func run(_ configuration: Configuration, username: String?) throws -> Int32 {
        let service = try Service(configuration)
        Terminal.note("Database: \(configuration.database)")
        let email = username ?? "default_user@localhost"
        guard let address = try? EmailAddress(parsing: email),
            let member = try service.accounts.member(email: address)
        else {
            Terminal.print("=> User info:")
            Terminal.print("{'status': 'error', 'message': \(quoted("user \(email) doesn't exist"))}")
            return 0
        }
        Terminal.print("=> User info:")
        Terminal.print(try dictionary(of: member, service.accounts))
        return 0
    }

    private static func dictionary(of member: Member, _ accounts: Accounts) throws -> String {
        let user = member.user
        let owner = try accounts.owner(of: member.organization)?.text ?? ""
        let newsletters = user.profile.allowsNewsletters.map { $0 ? "True" : "False" } ?? "None"
        let entries = [
            ("id", "\(user.id.number)"),
            ("first_name", quoted(user.profile.firstName)),
            ("last_name", quoted(user.profile.lastName)),
            ("username", quoted(user.username)),
            ("email", quoted(user.email.text)),
            ("last_activity", quoted(user.lastActiveAt.iso8601)),
            ("custom_hotkeys", "{}"),
            ("avatar", "None"),
            ("initials", quoted(user.initials)),
            ("phone", quoted(user.profile.phone)),
            ("active_organization", "\(member.organization.id)"),
            (
                "active_organization_meta",
                "{'title': \(quoted(member.organization.title)), 'email': \(quoted(owner))}"
            ),
            ("allow_newsletters", newsletters),
            ("date_joined", quoted(user.createdAt.iso8601)),
            ("token", quoted(try accounts.apiToken(of: user.id))),
            ("status", "'ok'"),
        ]
        return "{" + entries.map { "'\($0.0)': \($0.1)" }.joined(separator: ", ") + "}"
    }

    /// A string literal of Python.
    private static func quoted(_ text: String) -> String {
        let quote: Character = text.contains("'") && !text.contains("\"") ? "\"" : "'"
        var literal = String(quote)
        for scalar in text.unicodeScalars {
            if Character(scalar) == quote || scalar == "\\" {
                literal += "\\" + String(scalar)
            } else if scalar.value < 0x20 || scalar.value == 0x7f {
                let digits = String(scalar.value, radix: 16)
                literal += "\\x" + (digits.count == 1 ? "0" : "") + digits
            } else {
                literal += String(scalar)
            }
        }
        return literal + String(quote)
    }
}

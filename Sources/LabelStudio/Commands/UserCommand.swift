internal import Accounts

/// `label-studio user`: shows an account as scripts know it, a Python
/// dictionary, or acts upon it, as an owner can on the pages.
enum UserCommand {
    static func run(
        _ configuration: Configuration, username: String?, password: String?, operands: [String]
    ) throws -> Int32 {
        switch (operands.first, operands.count) {
        case (nil, _): return try show(configuration, username: username)
        case ("list", 1): return try UserList.run(configuration)
        case ("add", 2): return try UserAddition.run(configuration, email: operands[1], password: password)
        default: return try act(configuration, operands)
        }
    }

    private static func show(_ configuration: Configuration, username: String?) throws -> Int32 {
        let service = try Service.administered(configuration)
        let email = username ?? "default_user@localhost"
        guard let address = try? EmailAddress(parsing: email),
            let member = try service.accounts.member(email: address)
        else {
            Terminal.print("=> User info:")
            Terminal.print("{'status': 'error', 'message': \(quoted("user \(email) doesn't exist"))}")
            return 0
        }
        try service.accounts.record(.tokenShown, by: nil, on: member.user.id, from: .commandLine)
        Terminal.print("=> User info:")
        Terminal.print(try dictionary(of: member, service.accounts))
        return 0
    }

    enum Act: String, CaseIterable {
        case resetLink = "reset-link"
        case makeOwner = "make-owner"
        case makeMember = "make-member"
        case endSessions = "end-sessions"
        case deactivate, reactivate, remove, restore
    }

    /// Other names of acts.
    private static let synonyms: [String: Act] = ["promote": .makeOwner, "demote": .makeMember]

    /// The one act that is done to everybody.
    static let endEverybodysSessions = "end-all-sessions"

    /// What the words after `user` say.
    static func act(_ configuration: Configuration, _ operands: [String]) throws -> Int32 {
        if operands == [endEverybodysSessions] {
            let accounts = try Service.administered(configuration).accounts
            try accounts.endEverybodysSessions(by: .commandLine, from: .commandLine)
            Terminal.print("All sessions of everybody have ended")
            return 0
        }
        guard operands.count == 2, let act = Act(rawValue: operands[0]) ?? synonyms[operands[0]] else {
            let names = (["add"] + synonyms.keys.sorted(by: >) + Act.allCases.map(\.rawValue))
                .joined(separator: ", ")
            throw Service.Failure(
                line: "say what to do and to whom: label-studio user ACT EMAIL, where ACT is one of "
                    + "\(names); or, without an address, list, \(endEverybodysSessions)")
        }
        let accounts = try Service.administered(configuration).accounts
        let (email, user) = try accounts.account(operands[1])
        do {
            try perform(act, email, user, accounts, configuration)
            return 0
        } catch let refusal as Accounts.MembershipRefusal {
            switch refusal {
            case .lastOwner:
                throw Service.Failure(
                    line: "\(email) is the only owner; make somebody else an owner first: "
                        + "label-studio user make-owner EMAIL")
            case .notPossible, .notOwner, .yourself, .owner:
                throw Service.Failure(
                    line:
                        "this cannot be done to \(email), who may be removed, deactivated, or in that state already"
                )
            }
        }
    }

    private static func perform(
        _ act: Act, _ email: EmailAddress, _ user: User.ID, _ accounts: Accounts,
        _ configuration: Configuration
    ) throws {
        switch act {
        case .resetLink:
            let token = try accounts.makeSetPasswordLink(for: user, by: .commandLine, from: .commandLine)
            Terminal.note("Send this link to \(email). It works once and for 24 hours:")
            Terminal.print(configuration.setPasswordAddress(token))
            configuration.noteMissingHost()
        case .makeOwner:
            try accounts.setRole(.owner, of: user, by: .commandLine, from: .commandLine)
            Terminal.print("\(email) is an owner now")
        case .makeMember:
            try accounts.setRole(.member, of: user, by: .commandLine, from: .commandLine)
            Terminal.print("\(email) is a member now")
        case .endSessions:
            try accounts.endSessions(of: user, by: .commandLine, from: .commandLine)
            Terminal.print("All sessions of \(email) have ended")
        case .deactivate:
            try accounts.deactivate(user, by: .commandLine, from: .commandLine)
            Terminal.print("\(email) is deactivated, and the invite link was replaced")
        case .reactivate:
            try accounts.reactivate(user, by: .commandLine, from: .commandLine)
            Terminal.print("\(email) can log in again")
        case .remove:
            try accounts.remove(user, by: .commandLine, from: .commandLine)
            Terminal.print("\(email) was removed, and the invite link was replaced")
        case .restore:
            try accounts.restore(user, by: .commandLine, from: .commandLine)
            Terminal.print("\(email) is a member again")
        }
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

internal import Accounts
internal import Web

/// `label-studio invite show|reset`.
enum InviteCommand {
    static func run(_ configuration: Configuration, operands: [String]) throws -> Int32 {
        guard operands.count == 1, ["show", "reset"].contains(operands[0]) else {
            throw Service.Failure(
                line: "say what to do: label-studio invite show, or label-studio invite reset")
        }
        let service = try Service.administered(configuration)
        let organization =
            operands[0] == "reset"
            ? try service.accounts.resetInvitation(by: .commandLine, from: .commandLine)
            : try service.accounts.organization()
        let token: String
        if let organization {
            token = service.accounts.invitationToken(of: organization)
            if operands[0] == "show" {
                try service.accounts.record(.invitationShown, by: nil, from: .commandLine)
            }
        } else if let setup = try service.accounts.makeSetupToken() {
            Terminal.note("Nobody has an account yet. This link makes the first one; it works once:")
            token = setup.text
        } else {
            throw Service.Failure(line: "the first account was made just now; try again")
        }
        Terminal.print("\(configuration.baseURL)/user/signup/?token=\(token)")
        if let organization {
            for line in lines(on: try service.accounts.invitationUse(of: organization).limits) {
                Terminal.note(line)
            }
        }
        configuration.noteMissingHost()
        return 0
    }

    /// Who sends the link has to know how long and how often it works.
    private static func lines(on limits: InvitationLimits) -> [String] {
        switch limits.refusal(at: Clock.now()) {
        case .invitationExpired:
            return [
                "Nobody can join by it: its last day is over. "
                    + "An owner can set a later one: Organization, Add People, Limit Link."
            ]
        case .invitationUsedUp:
            return [
                "No more people can join by it. An owner can let in more: Organization, Add People, Limit Link."
            ]
        default: break
        }
        let until = limits.until.map { "It works until the end of \(($0 - 1).date) (UTC)." }
        let joins = limits.joinsLeft.map {
            $0 == 1 ? "One more person can join by it." : "\($0) more people can join by it."
        }
        return [until, joins].compactMap(\.self)
    }
}

extension Configuration {
    /// What links that are printed begin with.
    var baseURL: String {
        guard let address = publicAddress else { return "http://localhost:\(port)" }
        return address.origin + address.prefix
    }

    /// Links are sent to others: what this machine calls itself is not enough.
    func noteMissingHost() {
        guard publicAddress == nil else { return }
        Terminal.note(
            "Set LABEL_STUDIO_HOST, or --host, to the address under which others reach this server.")
    }
}

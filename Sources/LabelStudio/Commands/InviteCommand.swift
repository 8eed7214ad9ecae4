internal import Accounts
internal import Web

/// `label-studio invite show|reset`.
enum InviteCommand {
    static func run(_ configuration: Configuration, operands: [String]) throws -> Int32 {
        guard operands.count == 1, ["show", "reset"].contains(operands[0]) else {
            throw Service.Failure(
                line: "say what to do: label-studio invite show, or label-studio invite reset")
        }
        let service = try Service(configuration)
        Terminal.note("Database: \(configuration.database)")
        let organization =
            operands[0] == "reset"
            ? try service.accounts.resetInvitation(by: nil) : try service.accounts.organization()
        let token: String
        if let organization {
            token = service.accounts.invitationToken(of: organization)
        } else if let setup = try service.accounts.makeSetupToken() {
            Terminal.note("Nobody has an account yet. This link makes the first one; it works once:")
            token = setup.text
        } else {
            throw Service.Failure(line: "the first account was made just now; try again")
        }
        Terminal.print("\(base(configuration))/user/signup/?token=\(token)")
        if configuration.publicAddress == nil {
            Terminal.note(
                "Set LABEL_STUDIO_HOST, or --host, to the address under which others reach this server.")
        }
        return 0
    }

    private static func base(_ configuration: Configuration) -> String {
        guard let address = configuration.publicAddress else {
            return "http://localhost:\(configuration.port)"
        }
        return address.origin + address.prefix
    }
}

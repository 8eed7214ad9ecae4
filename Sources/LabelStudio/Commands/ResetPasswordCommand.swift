internal import Accounts

/// `label-studio reset_password`: sets a password, and ends the sessions of
/// the account.
enum ResetPasswordCommand {
    static func run(_ configuration: Configuration, username: String?, password: String?) throws -> Int32 {
        let service = try Service.administered(configuration)
        let email = username ?? ask("Username: ")
        guard let address = try? EmailAddress(parsing: email),
            let member = try service.accounts.member(email: address)
        else {
            Terminal.print("User with username \(email) not found")
            return 1
        }
        let text =
            password == "-" ? Terminal.readLine() : password ?? Terminal.readSecret(prompt: "New password:")
        let minimum = configuration.passwordMinimum
        let new: Password
        do {
            new = try Password(new: text, minimum: minimum, knowing: member.knownWords)
        } catch .missing {
            Terminal.print("Can not set empty password")
            return 1
        } catch {
            throw Service.Failure(line: passwordRule(error, minimum: minimum))
        }
        switch try service.accounts.resetPassword(of: address, to: new) {
        case .changed:
            Terminal.print("Password successfully changed")
            return 0
        case .sameAsCurrent:
            Terminal.print("Entered password is the same as current")
            return 1
        case .unknownEmail:
            Terminal.print("User with username \(email) not found")
            return 1
        }
    }

    private static func ask(_ prompt: String) -> String {
        Terminal.note(prompt)
        return Terminal.readLine()
    }
}

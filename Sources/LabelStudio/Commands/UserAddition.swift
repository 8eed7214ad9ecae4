internal import Accounts

/// `label-studio user add EMAIL`: makes an account, for a member or, if it is the
/// first, for the owner.
enum UserAddition {
    /// - Parameter password: `-`: it is asked for; nil: he sets one by a link.
    static func run(_ configuration: Configuration, email text: String, password: String?) throws -> Int32 {
        guard let email = try? EmailAddress(parsing: text) else {
            throw Service.Failure(line: "\"\(text)\" is not an e-mail address such as name@example.com")
        }
        let accounts = try Service.administered(configuration).accounts
        guard try accounts.userID(email: email) == nil else { throw taken(email) }
        let password = try password.map { try choose($0, for: email, configuration) }
        let link: SecretToken?
        do {
            link = try accounts.addAccount(email: email, password: password)
        } catch is Accounts.EmailTaken {
            throw taken(email)
        }
        let role = try accounts.member(email: email)?.role == .owner ? "the owner" : "a member"
        guard let link else {
            Terminal.print("\(email) is \(role) now")
            return 0
        }
        Terminal.note(
            "\(email) is \(role) now. Send him this link to choose a password. It works once and for 24 hours:"
        )
        Terminal.print(configuration.setPasswordAddress(link))
        configuration.noteMissingHost()
        return 0
    }

    private static func choose(
        _ given: String, for email: EmailAddress, _ configuration: Configuration
    ) throws -> Password {
        let text = given == "-" ? Terminal.readSecret(prompt: "Password:") : given
        let minimum = configuration.passwordMinimum
        do {
            return try Password(new: text, minimum: minimum, knowing: [email.text])
        } catch {
            throw Service.Failure(line: passwordRule(error, minimum: minimum))
        }
    }

    private static func taken(_ email: EmailAddress) -> Service.Failure {
        Service.Failure(
            line: "\(email) has an account already, and it was left as it is. Who was removed comes back by: "
                + "label-studio user restore \(email)")
    }
}

extension Configuration {
    /// Where its holder sets a new password.
    func setPasswordAddress(_ token: SecretToken) -> String {
        "\(baseURL)/user/set-password/?token=\(token.text)"
    }
}

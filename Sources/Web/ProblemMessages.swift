internal import Accounts
internal import PasswordStrength

/// What is said at a field that has to be filled in differently.
extension Site {
    func message(for problem: EmailAddress.Problem) -> String {
        switch problem {
        case .missing: sentence(.emailMissing)
        case .malformed: sentence(.emailMalformed)
        case .tooLong: sentence(.emailTooLong, "\(EmailAddress.maximumLength)")
        }
    }

    func message(for problem: Password.Problem) -> String {
        switch problem {
        case .missing: sentence(.passwordMissing)
        case .tooShort: sentence(.passwordTooShort, "\(accounts.rules.passwordMinimum)")
        case .tooLong: sentence(.passwordTooLong, "\(Password.maximumLength)")
        case .containsNUL: sentence(.passwordContainsNUL)
        case .weak(let weakness):
            switch weakness {
            case .aboutYou: sentence(.passwordAboutYou)
            case .commonPassword: sentence(.passwordCommon)
            case .commonWords: sentence(.passwordCommonWords)
            case .repeated: sentence(.passwordRepeated)
            case .sequence: sentence(.passwordSequence)
            case .keyboardPattern: sentence(.passwordKeyboard)
            case .date: sentence(.passwordDate)
            case .guessable: sentence(.passwordGuessable)
            }
        }
    }
}

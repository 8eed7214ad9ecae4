internal import Accounts
internal import Enrollment
internal import Predecessor
internal import Upstream
internal import Web

/// `label-studio upstream add`: puts a Label Studio behind the gate.
enum UpstreamAdding {
    static func run(_ configuration: Configuration) throws -> Int32 {
        guard let address = configuration.upstream else {
            throw Service.Failure(line: "say where that Label Studio listens: --upstream URL")
        }
        let key = try UpstreamSecret.needed(configuration)
        let accounts = try Service.administered(configuration).accounts
        let enroller = Enroller(accounts: accounts, server: LabelingServer(at: address, key: key))
        do {
            try report(enroller.add(as: configuration.serviceEmail, from: .commandLine), accounts)
        } catch let refusal as Enroller.AdditionRefusal {
            throw Service.Failure(line: refusal.sentence)
        } catch let failure as UpstreamFailure {
            throw Service.Failure(line: failure.sentence(address))
        } catch let refusal as Accounts.PairRefusal {
            throw refusal.failure(nil)
        }
        return 0
    }

    private static func report(_ addition: Enroller.Addition, _ accounts: Accounts) throws {
        let email = Log.visible(addition.service.email)
        Terminal.print(
            "Label Studio \(Log.visible(addition.version)) at \(addition.upstream.address) was added")
        if addition.isNewAccount { Terminal.print("\(email) got an account there") }
        Terminal.print("Its invite link is read as its user \(addition.service.id), \(email)")
        let paired = try accounts.upstreamStandings().count { standing in
            if case .paired = standing.state { true } else { false }
        }
        Terminal.print(
            "\(paired) \(paired == 1 ? "person is" : "people are") paired with an account there: "
                + "label-studio upstream list")
        if addition.version != Installation.newestVersion {
            Terminal.note(
                "label-studio: this program was tested with Label Studio \(Installation.newestVersion)",
                .warning)
        }
    }
}

extension Enroller.AdditionRefusal {
    fileprivate var sentence: String {
        switch self {
        case .present(let upstream):
            "the Label Studio at \(upstream.address) was added before; first: label-studio upstream remove"
        case .noOwner:
            "nobody has an account here yet: the owner here gets the first account there"
        case .busy:
            "another command is at it, or was interrupted; try again in two minutes"
        case .closed:
            "sign-up is closed there, so the owner gets no account: name one that exists there, by --as "
                + "EMAIL. If none exists, start that Label Studio once without "
                + "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK"
        case .ownerIsThere(let email):
            "\(email), the owner here, has an account there that was not made by this program: name the "
                + "account to be used, by --as EMAIL"
        case .nobody(let email):
            "\(email) has no account there, or an inactive one"
        case .nobodyIsLetIn:
            "nobody is let in there, although the key is right: are personal access tokens switched on "
                + "there (Organization, API Tokens Settings)?"
        case .withoutOrganization(let email):
            "\(email) belongs to no organization there"
        }
    }
}

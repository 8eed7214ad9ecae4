internal import Accounts
internal import Enrollment
internal import HTTP
internal import Upstream

/// `label-studio upstream`: the Label Studio behind the gate, and who is who there.
enum UpstreamCommand {
    static func run(_ configuration: Configuration, operands: [String]) throws -> Int32 {
        switch (operands.first, operands.count) {
        case ("add", 1): return try UpstreamAdding.run(configuration)
        case ("check", 1): return try UpstreamCheck.run(configuration)
        case ("list", 1): return try list(configuration)
        case ("provision", 2): return try provision(operands[1], configuration)
        case ("link", 2): return try link(operands[1], configuration)
        case ("unlink", 2): return try unlink(operands[1], configuration)
        case ("remove", 1): return try remove(configuration)
        default:
            throw Service.Failure(
                line: "say what to do: label-studio upstream add, check, list, remove, provision EMAIL, "
                    + "link EMAIL --upstream-user NUMBER, or unlink EMAIL")
        }
    }

    private static func list(_ configuration: Configuration) throws -> Int32 {
        let accounts = try Service.administered(configuration).accounts
        var table = OutputTable("email", "state", "upstream_user", "origin", "since")
        table.rows = try accounts.upstreamStandings().map { standing in
            [.string(standing.email.text)] + cells(standing.state)
        }
        try table.write(configuration.format)
        return 0
    }

    private static func cells(_ state: UpstreamStanding.State) -> [JSON] {
        switch state {
        case .paired(let user, let origin, let since):
            ["paired", .integer(user), .string(origin.rawValue), .string(since.seconds)]
        case .toBeConfirmed(let since): ["to-be-confirmed", .null, "", .string(since.seconds)]
        case .begun(let since): ["begun", .null, "", .string(since.seconds)]
        case .new: ["new", .null, "", ""]
        }
    }

    private static func provision(_ email: String, _ configuration: Configuration) throws -> Int32 {
        try act(on: email, configuration) { address, user, accounts, server in
            switch try Enroller(accounts: accounts, server: server).enroll(user, from: .commandLine) {
            case .paired(let other):
                Terminal.print("\(address) is user \(other) there")
            case .busy:
                throw Service.Failure(
                    line: "an account for \(address) is being made there, or that was interrupted; try again "
                        + "in two minutes")
            case .otherDatabase:
                throw Service.Failure(
                    line: "it has another database than when it was added: label-studio upstream remove, and "
                        + "add it again")
            case .toBeConfirmed:
                throw Service.Failure(
                    line: "\(address) has an account there that may be somebody else's. If it is the "
                        + "person's own: label-studio upstream link \(address) --upstream-user NUMBER; "
                        + "label-studio upstream check tells the number")
            }
        }
    }

    private static func link(_ email: String, _ configuration: Configuration) throws -> Int32 {
        guard let number = configuration.upstreamUser else {
            throw Service.Failure(line: "say with which account there: --upstream-user NUMBER")
        }
        return try act(on: email, configuration) { address, user, accounts, server in
            guard let person = try server.person(number) else {
                throw UpstreamFailure.unknownUser(number)
            }
            try accounts.confirmPair(of: user, with: person.id, by: .commandLine, from: .commandLine)
            Terminal.print("\(address) is user \(person.id) there, \(Log.visible(person.email))")
        }
    }

    private static func unlink(_ email: String, _ configuration: Configuration) throws -> Int32 {
        let accounts = try Service.administered(configuration).accounts
        let (address, user) = try accounts.account(email)
        do {
            try accounts.separate(user, by: .commandLine, from: .commandLine)
        } catch let refusal as Accounts.PairRefusal {
            throw refusal.failure(address)
        }
        Terminal.print("\(address) is nobody there any more; the account there was left as it is")
        return 0
    }

    private static func remove(_ configuration: Configuration) throws -> Int32 {
        let accounts = try Service.administered(configuration).accounts
        guard let removed = try accounts.removeUpstream(from: .commandLine) else {
            throw Accounts.PairRefusal.noUpstream.failure(nil)
        }
        Terminal.print(
            "\(removed.address) is forgotten. Who is who there is kept, for the case that it is added again")
        return 0
    }

    /// Does something for a person that the other side has to be asked about.
    private static func act(
        on email: String, _ configuration: Configuration,
        _ body: (EmailAddress, User.ID, Accounts, LabelingServer) throws -> Void
    ) throws -> Int32 {
        // Root may read what the owner of our database may not.
        let key = try UpstreamSecret.needed(configuration)
        let accounts = try Service.administered(configuration).accounts
        let (address, user) = try accounts.account(email)
        let place = try configuration.place(of: accounts.upstream())
        do {
            try body(address, user, accounts, LabelingServer(at: place, key: key))
        } catch let refusal as Accounts.PairRefusal {
            throw refusal.failure(address)
        } catch let failure as UpstreamFailure {
            throw Service.Failure(line: failure.sentence(place))
        }
        return 0
    }
}

extension Configuration {
    /// Where the Label Studio is that was added.
    ///
    /// - Throws: `Service.Failure`.
    func place(of upstream: UpstreamSite?) throws -> UpstreamAddress {
        guard let upstream else { throw Accounts.PairRefusal.noUpstream.failure(nil) }
        guard let place = UpstreamAddress(parsing: upstream.address) else {
            throw Service.Failure(
                line:
                    "the address \(upstream.address) in the database is none; label-studio upstream remove, "
                    + "and add it again")
        }
        if let other = self.upstream, other != place {
            throw Service.Failure(
                line: "the Label Studio that was added is at \(place), and not at \(other): label-studio "
                    + "upstream remove, and add the other one")
        }
        return place
    }
}

extension Accounts.PairRefusal {
    func failure(_ email: EmailAddress?) -> Service.Failure {
        let who = email?.text ?? "the person"
        let line =
            switch self {
            case .noUpstream:
                "no Label Studio is behind the gate: label-studio upstream add --upstream URL "
                    + "--upstream-env-file FILE"
            case .notOwner: "only an owner can do this"
            case .notMember: "\(who) is no member, or is deactivated"
            case .pairedWith(let other):
                "\(who) is user \(other) there; to change that, first: label-studio upstream unlink \(who)"
            case .taken(let holder):
                "that account is the one of \(holder); to change that, first: label-studio upstream "
                    + "unlink \(holder)"
            case .notPaired: "\(who) is nobody there"
            }
        return Service.Failure(line: line)
    }
}

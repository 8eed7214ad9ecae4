internal import Accounts
internal import HTTP

/// `label-studio sessions`: where people are logged in.
enum SessionsCommand {
    static func run(_ configuration: Configuration, operands: [String]) throws -> Int32 {
        switch (operands.first, operands.count, configuration.isForAll) {
        case ("list", 2, false):
            return try list(operands[1], configuration)
        case ("end", 2, false):
            return try UserCommand.act(configuration, [UserCommand.Act.endSessions.rawValue, operands[1]])
        case ("end", 1, true):
            return try UserCommand.act(configuration, [UserCommand.endEverybodysSessions])
        default:
            throw Service.Failure(
                line: "say what to do: label-studio sessions list EMAIL, label-studio sessions end EMAIL, "
                    + "or label-studio sessions end --all")
        }
    }

    private static func list(_ email: String, _ configuration: Configuration) throws -> Int32 {
        let accounts = try Service.administered(configuration).accounts
        let (_, user) = try accounts.account(email)
        var table = OutputTable("started_at", "last_seen_at", "client_address", "user_agent")
        table.rows = try accounts.sessions(of: user).map { session in
            [
                .string(session.startedAt.seconds), .string(session.lastSeenAt.seconds),
                .string(session.clientAddress), .string(session.userAgent),
            ]
        }
        try table.write(configuration.format)
        return 0
    }
}

extension Accounts {
    /// The account with an address that an operator typed.
    ///
    /// - Throws: `Service.Failure` or `DatabaseError`.
    func account(_ text: String) throws -> (EmailAddress, User.ID) {
        guard let email = try? EmailAddress(parsing: text), let user = try userID(email: email) else {
            throw Service.Failure(line: "there is no account \(text)")
        }
        return (email, user)
    }
}

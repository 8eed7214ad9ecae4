internal import Accounts
internal import HTTP

/// `label-studio user list`: everybody who has or had access.
enum UserList {
    static func run(_ configuration: Configuration) throws -> Int32 {
        let accounts = try Service.administered(configuration).accounts
        let people = try accounts.organization().map { try accounts.everybody(in: $0) } ?? []
        var table = OutputTable("id", "email", "role", "state", "joined_at", "last_active_at")
        table.rows = people.map { person in
            let user = person.member.user
            return [
                .integer(user.id.number), .string(user.email.text), .string(person.member.role.rawValue),
                .string(person.state), .string(person.member.joinedAt.seconds),
                .string(user.lastActiveAt.seconds),
            ]
        }
        try table.write(configuration.format)
        return 0
    }
}

extension Timestamp {
    /// `2026-01-31T23:59:59Z`: for people.
    var seconds: String { "\(date)T\(time)Z" }
}

internal import Database
internal import Photos
internal import Secrets

/// Something that happened and that concerns safety: who, what, when, from where.
public struct AuditEvent: Sendable {
    public enum Action: String, Sendable, CaseIterable {
        case signedUp = "signed-up"
        case accountMade = "account-made"
        case loggedIn = "logged-in"
        case logInRefused = "log-in-refused"
        case loggedOut = "logged-out"
        case sessionEnded = "session-ended"
        case sessionsEnded = "sessions-ended"
        case passwordChanged = "password-changed"
        case passwordRefused = "password-refused"
        case passwordReset = "password-reset"
        case passwordLinkMade = "password-link-made"
        case passwordSet = "password-set"
        case emailChanged = "email-changed"
        case profileChanged = "profile-changed"
        case settingsChanged = "settings-changed"
        case tokenReset = "token-reset"
        case tokenShown = "token-shown"
        case accessTokenMade = "access-token-made"
        case accessTokenRotated = "access-token-rotated"
        case accessTokenRevoked = "access-token-revoked"
        case setupLinkMade = "setup-link-made"
        case invitationShown = "invitation-shown"
        case invitationReset = "invitation-reset"
        case memberRemoved = "member-removed"
        case memberRestored = "member-restored"
        case memberDeactivated = "member-deactivated"
        case memberReactivated = "member-reactivated"
        case memberLeft = "member-left"
        case roleChanged = "role-changed"
        case accountDeleted = "account-deleted"
        case limitReached = "limit-reached"
        case auditRead = "audit-downloaded"
        case peopleImported = "people-imported"
        case upstreamAdded = "upstream-added"
        case upstreamRemoved = "upstream-removed"
        case upstreamPaired = "upstream-paired"
        case upstreamUnpaired = "upstream-unpaired"
        case upstreamMemberRemoved = "upstream-member-removed"
        case restored
    }

    /// A person as he was called then. The account may be gone.
    public struct Party: Sendable, Hashable {
        public let id: User.ID
        public let email: String
    }

    public let id: Int64
    public let instant: Timestamp
    public let action: Action
    /// Who did it; nil: nobody who was logged in, or the command line.
    public let actor: Party?
    /// Whom it concerns.
    public let subject: Party?
    /// See `Client.address`.
    public let clientAddress: String
    /// In words that do not change, such as `wrong-password`; may be empty.
    public let detail: String
}

/// One act: a transaction, and the events that tell of it. They are stored
/// together with what they tell of, or not at all.
struct Act {
    let connection: any Connection
    let client: Client
    let instant: Timestamp
    private(set) var events: [AuditEvent] = []
    /// Files that are removed once the act is done.
    var droppedPhotos: [PhotoName] = []

    init(connection: any Connection, client: Client, instant: Timestamp) {
        self.connection = connection
        self.client = client
        self.instant = instant
    }

    /// - Parameters:
    ///   - actor: who did it; nil: nobody who was logged in.
    ///   - subject: whom it concerns, if not the actor himself.
    mutating func record(
        _ action: AuditEvent.Action, by actor: User.ID?, on subject: User.ID? = nil, detail: String = ""
    ) throws {
        let row = try connection.row(
            """
            INSERT INTO audit_event
            (at, action, actor_id, actor_email, subject_id, subject_email, client_address, detail)
            VALUES (\(instant), \(action.rawValue),
                    \(actor), (SELECT email FROM user_account WHERE id = \(actor)),
                    \(subject), (SELECT email FROM user_account WHERE id = \(subject)),
                    \(client.address), \(detail))
            RETURNING id, at, action, actor_id, actor_email, subject_id, subject_email, client_address, detail
            """)
        guard let row else { throw DatabaseError(.other, "the database returned no event") }
        events.append(try AuditEvent(row: row))
    }
}

extension Accounts {
    /// Runs one act: all of it, with its events, or nothing.
    func act<Result>(from client: Client, _ body: (inout Act) throws -> Result) throws -> Result {
        let (result, events, droppedPhotos) = try database.write { connection in
            var act = Act(connection: connection, client: client, instant: now())
            return (try body(&act), act.events, act.droppedPhotos)
        }
        for event in events { observe(event) }
        for name in droppedPhotos { removeFile(name) }
        return result
    }

    /// An event that changes nothing else.
    public func record(
        _ action: AuditEvent.Action, by actor: User.ID?, on subject: User.ID? = nil, detail: String = "",
        from client: Client
    ) throws {
        try act(from: client) { try $0.record(action, by: actor, on: subject, detail: detail) }
    }

    /// Tells of an event that is not stored.
    func tell(
        _ action: AuditEvent.Action, by actor: User.ID? = nil, on subject: User.ID?, detail: String,
        from client: Client
    ) {
        observe(
            AuditEvent(
                id: 0, instant: now(), action: action,
                actor: actor.map { AuditEvent.Party(id: $0, email: "") },
                subject: subject.map { AuditEvent.Party(id: $0, email: "") },
                clientAddress: client.address, detail: detail))
    }

    /// Names an address in a log without telling it: people type passwords into
    /// that field. The same address has the same name in one installation.
    public func pseudonym(ofEmail text: String) -> String {
        Encoding.hexadecimal(keys.pseudonym.hash(Array(text.utf8)).prefix(8))
    }
}

extension AuditEvent {
    init(row: Row) throws(DatabaseError) {
        let name = try row.text(2)
        guard let action = Action(rawValue: name) else {
            throw DatabaseError(.corrupt, "the audit holds an unknown action: \(name)")
        }
        self.action = action
        id = try row.integer(0)
        instant = Timestamp(microseconds: try row.integer(1))
        actor = try Party(row: row, startingAt: 3)
        subject = try Party(row: row, startingAt: 5)
        clientAddress = try row.text(7)
        detail = try row.text(8)
    }
}

extension AuditEvent.Party {
    /// Nil if the event names nobody there.
    init?(row: Row, startingAt first: Int) throws(DatabaseError) {
        guard let number = try row.optionalInteger(first) else { return nil }
        id = User.ID(number)
        email = try row.optionalText(first + 1) ?? ""
    }
}

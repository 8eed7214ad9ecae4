import Accounts
import Testing
import Web

/// What one transcript is about.
struct Subject: Sendable, CustomTestStringConvertible {
    /// The name of its file, without `.txt`.
    let name: String
    let title: String
    private let play: @Sendable (Transcript) throws -> Void

    init(_ name: String, _ title: String, _ play: @escaping @Sendable (Transcript) throws -> Void) {
        self.name = name
        self.title = title
        self.play = play
    }

    var testDescription: String { name }

    func played() throws -> Played {
        let transcript = Transcript(title: title)
        try play(transcript)
        return Played(
            text: transcript.text, exchanges: transcript.exchanges,
            events: transcript.worlds.flatMap(\.events), audit: transcript.worlds.flatMap(\.audit))
    }

    struct Played: Sendable {
        let text: String
        let exchanges: [Transcript.Exchange]
        let events: [Event]
        let audit: [AuditEvent]
    }

    /// All of them, played once for all tests.
    static let allPlayed = all.map { subject in (subject, Result { try subject.played() }) }
}

extension Subject {
    static let all: [Subject] =
        signUp + logIn + pages + account + people + api + apiPeople + apiTokens + apiOrganization
        + apiProjects + photos + errors
        + addresses + gate + labelingServer + labelingAccount + sites
}

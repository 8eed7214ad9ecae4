internal import Accounts
internal import Enrollment
internal import Upstream
internal import Web

/// What was found when it was looked the last time: only what is new is logged.
struct LabelingServerRound {
    let log: @Sendable (Event) -> Void
    private var condition: Enroller.Condition?
    private var isSignUpOpen = false
    /// Names that it does not take, until they are tried again.
    private var aside: [UpstreamName: ContinuousClock.Instant] = [:]

    /// How long names are sent before it is looked whether to end.
    private static let patience = Duration.seconds(10)
    /// How many names are sent before it is looked whether to end.
    private static let most = 50
    /// How long a name is put aside that it does not take.
    private static let rest = Duration.seconds(600)

    init(log: @escaping @Sendable (Event) -> Void) {
        self.log = log
    }

    /// - Returns: whether it answers, and takes what we sign.
    mutating func ask(_ server: Enroller) -> Bool {
        do {
            let now = try server.condition()
            if now.kind != condition?.kind { log(now.event(server.address, before: condition)) }
            condition = now
            guard case .answers = now else { return false }
            let isOpen = try server.isSignUpOpen()
            if isOpen, !isSignUpOpen { log(Self.openSignUp(server.address)) }
            isSignUpOpen = isOpen
            return true
        } catch {
            log(Event(.warning, "labeling-server-not-examined", [("error", "\(error)")]))
            return false
        }
    }

    private static func openSignUp(_ address: UpstreamAddress) -> Event {
        Event(
            .warning, "labeling-server-sign-up-open",
            [
                ("address", "\(address)"),
                (
                    "advice",
                    "whoever reaches it past the gate makes himself an account; start it with "
                        + "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true"
                ),
            ])
    }

    mutating func sendNames(_ server: Enroller) {
        guard case .answers = condition else { return }
        let now = ContinuousClock.now
        aside = aside.filter { $0.value > now }
        do {
            for name in try server.namesToSend().filter({ aside[$0] == nil }).prefix(Self.most) {
                // A stop waits for this.
                guard ContinuousClock.now < now + Self.patience else { return }
                try send(name, server)
            }
        } catch is UpstreamFailure {
            // The next question how it does says so.
        } catch {
            log(Event(.warning, "labeling-server-names-not-sent", [("error", "\(error)")]))
        }
    }

    private mutating func send(_ name: UpstreamName, _ server: Enroller) throws {
        do {
            try server.send(name)
        } catch let failure as UpstreamFailure where !failure.isGeneral {
            aside[name] = .now + Self.rest
            log(
                Event(
                    .warning, "labeling-server-name-not-sent",
                    [
                        ("user", "\(name.user.number)"), ("upstream_user", "\(name.upstreamUser)"),
                        ("error", failure.sentence(server.address)),
                    ]))
        }
    }
}

extension Enroller.Condition {
    /// What is logged when it changes. Details of a failure may change each time.
    fileprivate var kind: String {
        switch self {
        case .answers(let version): "labeling-server-answers \(version)"
        case .failing(.unreachable): "labeling-server-down"
        case .failing(.slow): "labeling-server-slow"
        case .failing: "labeling-server-faulty"
        case .wrongKey: "labeling-server-wrong-key"
        case .otherDatabase: "labeling-server-other-database"
        case .elsewhere: "labeling-server-elsewhere"
        }
    }

    fileprivate func event(_ address: UpstreamAddress, before: Self?) -> Event {
        switch self {
        case .answers(let version):
            if case .answers(let other) = before {
                Event(.warning, "labeling-server-other-version", [("before", other), ("version", version)])
            } else {
                Event(
                    .notice, "labeling-server-answers", [("address", "\(address)"), ("version", version)])
            }
        case .failing(let failure): Event(.error, kind, [("error", failure.sentence(address))])
        case .wrongKey: Event(.error, kind, [("error", UpstreamFailure.wrongKey.sentence(address))])
        case .otherDatabase:
            Event(
                .error, kind,
                [
                    (
                        "error",
                        "the Label Studio at \(address) has another database than the one that was added: who "
                            + "is who there is not known; label-studio upstream remove, and add it again"
                    )
                ])
        case .elsewhere(let other):
            Event(
                .error, kind,
                [
                    (
                        "error",
                        "the Label Studio that was added is at \(other), and not at \(address): label-studio "
                            + "upstream remove, and add the other one"
                    )
                ])
        }
    }
}

extension UpstreamFailure {
    /// Whether it is not about one person.
    fileprivate var isGeneral: Bool {
        switch self {
        case .unreachable, .slow, .wrongKey: true
        case .unknownUser, .signUpRefused, .emailTaken, .unexpected: false
        }
    }
}

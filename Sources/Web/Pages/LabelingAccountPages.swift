internal import Accounts
internal import Enrollment
internal import HTTP
internal import Templates
internal import Upstream

/// Who a person is in the labeling server behind the gate, as owners see and decide it.
extension Site {
    func addLabelingAccount(of person: Person, to page: inout Page, _ visit: Visit) throws {
        let user = person.member.user.id
        guard labelingServer != nil, let standing = try accounts.upstreamStanding(of: user) else { return }
        var values = Values()
        values.set("LABELING_ACCOUNT", words(standing.state))
        let url = visit.link("/organization/people/\(user.number)/labeling-server")
        switch standing.state {
        case .paired: add(.labelingAccountSeparate, url + "/separate", to: &values)
        case .toBeConfirmed: add(.labelingAccountConfirm, url, to: &values)
        case .begun, .new: break
        }
        page.values.add("LABELING_SERVER", values)
    }

    private func words(_ state: UpstreamStanding.State) -> String {
        switch state {
        case .paired(let number, _, let since): sentence(.labelingAccountPaired, "\(number)", since.date)
        case .toBeConfirmed: sentence(.labelingAccountToBeConfirmed)
        case .begun: sentence(.labelingAccountBegun)
        case .new: sentence(.labelingAccountNew)
        }
    }

    private func add(_ button: Sentence, _ url: String, to values: inout Values) {
        var act = Values()
        act.set("LABELING_BUTTON", sentence(button))
        act.set("LABELING_URL", url)
        values.add("LABELING_ACT", act)
    }

    /// Shows the account there that has the person's address.
    func askAboutLabelingAccount(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try withLabelingServer(visit, visitor) { person, server in
            let user = person.member.user
            guard let account = try server.account(withAddressOf: user.id) else {
                return refusal(Self.gone, visit)
            }
            var page = labelingQuestion(person, .labelingAccountConfirm, "/labeling-server", visit)
            page.values.set("HEADING", sentence(.labelingAccountConfirmHeading, user.email.text))
            page.values.set(
                "TEXT", sentence(.labelingAccountConfirmText, "\(account.id)", account.email, account.name))
            var values = Values()
            values.set("ACCOUNT_NUMBER", "\(account.id)")
            page.values.add("ACCOUNT", values)
            return try render(page, visit)
        }
    }

    /// The owner confirms the account that he was shown, and no other one.
    func confirmLabelingAccount(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try withLabelingServer(visit, visitor) { person, server in
            let user = person.member.user.id
            guard let account = try server.account(withAddressOf: user),
                try visit.form["account"] == "\(account.id)"
            else { return refusal(Self.gone, visit) }
            try accounts.confirmPair(
                of: user, with: account.id, by: .requester(visitor.requester), from: client(of: visit))
            return redirect(to: visit.link("/organization/people/\(user.number)/?done=confirmed"))
        }
    }

    func askAboutSeparation(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try withLabelingServer(visit, visitor) { person, _ in
            let email = person.member.user.email.text
            var page = labelingQuestion(person, .labelingAccountSeparate, "/labeling-server/separate", visit)
            page.values.set("HEADING", sentence(.labelingAccountSeparateHeading, email))
            page.values.set("TEXT", sentence(.labelingAccountSeparateText, email))
            page.values.show("GRAVE", if: true)
            return try render(page, visit)
        }
    }

    func separateFromLabelingAccount(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try withLabelingServer(visit, visitor) { person, _ in
            let user = person.member.user.id
            try accounts.separate(user, by: .requester(visitor.requester), from: client(of: visit))
            return redirect(to: visit.link("/organization/people/\(user.number)/?done=separated"))
        }
    }

    /// Somebody who was removed here leaves the organization there, too. If that
    /// fails, he is removed here all the same.
    ///
    /// - Returns: what the page says was done.
    func removeFromLabelingServer(_ user: User.ID, _ visit: Visit, _ visitor: Visitor) throws -> Notice {
        guard let labelingServer else { return .notInLabelingServer }
        do {
            switch try labelingServer.remove(user, by: visitor.member.user.id, from: client(of: visit)) {
            case .removed: return .removedFromLabelingServer
            case .wasNotThere: return .notInLabelingServer
            case .isNeeded: return .neededInLabelingServer
            }
        } catch let failure as UpstreamFailure {
            noteLabelingServer(failure, visit)
            return .labelingServerFailed
        }
    }

    private func labelingQuestion(
        _ person: Person, _ button: Sentence, _ path: String, _ visit: Visit
    ) -> Page {
        let base = visit.link("/organization/people/\(person.member.user.id.number)")
        var page = Page(.personQuestion, title: sentence(button))
        page.values.set("BUTTON", sentence(button))
        page.values.set("ACTION", base + path)
        page.values.set("CANCEL_URL", base + "/")
        return page
    }

    private func withLabelingServer(
        _ visit: Visit, _ visitor: Visitor, _ body: (Person, Enroller) throws -> Response
    ) throws -> Response {
        guard let labelingServer, let person = try person(visit, visitor) else {
            return errorPage(.notFound, visit)
        }
        do {
            return try body(person, labelingServer)
        } catch Accounts.PairRefusal.notOwner {
            return refusedRight(visit)
        } catch Accounts.PairRefusal.taken, Accounts.PairRefusal.pairedWith {
            return refusal(Self.taken, visit)
        } catch is Accounts.PairRefusal {
            return errorPage(.conflict, visit)
        } catch let failure as UpstreamFailure {
            noteLabelingServer(failure, visit)
            return errorPage(.serviceUnavailable, visit, words: Self.failed)
        }
    }

    private func refusal(_ words: ErrorWords, _ visit: Visit) -> Response {
        errorPage(.conflict, visit, words: words)
    }

    private static let gone = ErrorWords(
        .labelingAccountGoneHeading, .labelingAccountGoneText, .labelingAccountGoneAdvice)
    private static let taken = ErrorWords(
        .labelingAccountTakenHeading, .labelingAccountTakenText, .labelingAccountTakenAdvice)
    private static let failed = ErrorWords(
        .labelingServerFailedHeading, .labelingServerFailedText, .labelingServerFailedAdvice)
}

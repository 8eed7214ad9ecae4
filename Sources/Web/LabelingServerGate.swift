internal import Accounts
internal import Enrollment
internal import HTTP
internal import Upstream

/// The gate in front of the labeling server: it gets a token for the person, and is
/// not asked for what is ours.
extension Site {
    func passToLabelingServer(
        _ member: Member, _ question: GateQuestion, _ visit: Visit, isHurried: Bool
    ) throws -> Response? {
        // It is a site of the main host, whatever asks for it.
        guard let labelingServer, !visit.address.isSiteHost else {
            return refuse(
                .forbidden,
                "The gate does not know of a labeling server. If you run this server: set LABEL_STUDIO_UPSTREAM."
            )
        }
        if let refusal = LabelingServerAddresses.refusal(
            visit.request.method, visit.path, isAdminOpen: settings.isLabelingServerAdminOpen)
        {
            return refuse(.forbidden, refusal)
        }
        if let user = try labelingServer.known(member.user.id) {
            return pass(member, as: user, of: labelingServer, visit)
        }
        // A person is told on a page of ours what happens.
        if question == .page, visit.request.method.isSafe {
            var response = refuse(.unauthorized, LabelingServerRefusal.notEntered)
            response.add("Location", entry(then: destination(visit), visit))
            return response
        }
        if isHurried { return nil }
        return try enterByCall(member, labelingServer, visit)
    }

    private func pass(
        _ member: Member, as user: Int64, of labelingServer: Enroller, _ visit: Visit
    ) -> Response {
        var response = pass(member, visit, cookies: LabelingServerAddresses.cookies)
        response.add("Gate-Authorization", labelingServer.authorization(of: user))
        return response
    }

    /// A program cannot be sent to a page: it waits until there is an account.
    private func enterByCall(
        _ member: Member, _ labelingServer: Enroller, _ visit: Visit
    ) throws -> Response {
        do {
            switch try labelingServer.enter(member.user.id, from: client(of: visit)) {
            case .paired(let user): return pass(member, as: user, of: labelingServer, visit)
            case .toBeConfirmed: return refuse(.forbidden, LabelingServerRefusal.toBeConfirmed)
            case .busy, .notAdded, .refused, .elsewhere, .otherDatabase: return Response(.serviceUnavailable)
            }
        } catch let failure as UpstreamFailure {
            noteLabelingServer(failure, visit)
            return Response(.serviceUnavailable)
        } catch let refusal as Accounts.PairRefusal {
            noteLabelingServer(refusal, visit)
            return refuse(.forbidden, LabelingServerRefusal.taken)
        }
    }

    /// The page that lets somebody in, and the way on from there.
    func entry(then next: String, _ visit: Visit) -> String {
        visit.link("/-/accounts/enter?next=\(PercentCoding.encodeKeepingSlashes(next))")
    }

    func noteLabelingServer(_ failure: UpstreamFailure, _ visit: Visit) {
        note(.error, "labeling-server-failed", visit, [("path", visit.loggedPath), ("error", "\(failure)")])
    }

    func noteLabelingServer(_ refusal: Accounts.PairRefusal, _ visit: Visit) {
        note(.error, "labeling-server-pair-refused", visit, [("error", "\(refusal)")])
    }
}

/// What programs are told, in the words of its API.
private enum LabelingServerRefusal {
    static let notEntered = "You have no account in the labeling server yet."
    static let taken =
        "Your account in the labeling server belongs to somebody else here. Ask an owner of the organization."
    static let toBeConfirmed =
        "Your e-mail address has an account in the labeling server that may be somebody else's. "
        + "Log in with a browser and open /-/accounts/enter."
}

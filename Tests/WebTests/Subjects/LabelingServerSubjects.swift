import Accounts
import Database
import HTTP
import Upstream

extension Subject {
    static let labelingServer = [
        Subject("labeling-server", "The way into a labeling server behind the gate") { transcript in
            let world = try transcript.world(labelingServer: "http://127.0.0.1:1")
            let stranger = Browser(world, transcript)
            stranger.get("/projects/", "The very first visitor", toLabelingServer)
            let ada = Browser.member("ada@example.org", in: world, transcript)
            stranger.get("/projects/", "A stranger", toLabelingServer)
            stranger.get("/-/accounts/enter?next=/projects/", "A stranger on the page of the way in")
            stranger.post("/-/accounts/enter", [:], "A stranger sends its form")
            ada.get("/projects/7/data", "A member who has no account there yet", toLabelingServer)
            ada.get("/-/accounts/enter?next=/projects/7/data", "Nobody listens there")
            ada.post(
                "/-/accounts/enter", ["email": "ada@example.org", "password": "there"],
                "Nor is there anybody who knows a password")
            ada.post("/-/accounts/enter", ["email": "ada", "password": "there"], "An address that is none")
            let user = try world.accounts.userID(email: EmailAddress(parsing: "ada@example.org"))!
            try world.hold(user)
            ada.get("/-/accounts/enter?next=/projects/7/data", "The address has an account there")
            ada.get("/api/projects/", "Which a program is told, too") {
                toLabelingServer(&$0)
                $0.gate = .call
            }
            try world.accounts.confirmPair(of: user, with: 5, by: .commandLine, from: .commandLine)
            ada.get("/projects/7/data", "She passes as who she is there", toLabelingServer)
            ada.get("/admin/", "The administration is closed", toLabelingServer)
            ada.get("/-/accounts/", "Our own home page")
            ada.get("/-/accounts/projects/9", "A project of ours that is none")
            ada.get("/-/accounts/enter?next=/projects/", "The labeling server itself sent her here")
        },
        Subject("no-labeling-server", "Where no labeling server is") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            ada.get("/-/accounts/enter", "There is no way in")
            ada.post("/-/accounts/enter", [:], "Nor a form")
            ada.get("/projects/", "nginx thinks that there is one", toLabelingServer)
        },
    ]

    private static func toLabelingServer(_ request: inout Request) {
        request.gate = .page
        request.isForLabelingServer = true
    }
}

extension World {
    /// As if the labeling server had said that this person's address is taken.
    fileprivate func hold(_ user: User.ID) throws {
        try accounts.add(
            UpstreamSite(
                address: "http://127.0.0.1:1", source: Self.beginning, organization: 1, serviceUser: 1),
            from: .commandLine)
        guard case .claimed(let claim) = try accounts.enterUpstream(user, from: .commandLine) else { return }
        try accounts.holdForConfirmation(claim)
    }
}

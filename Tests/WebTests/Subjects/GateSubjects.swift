import HTTP

extension Subject {
    static let gate = [
        Subject("gate", "What nginx asks before a request for a guarded site") { transcript in
            let world = try transcript.world(address: "https://labels.example")
            let secure: (Browser) -> Void = {
                $0.scheme = "https"
                $0.host = "labels.example"
            }
            let ada = Browser.member("ada@example.org", in: world, transcript, secure)
            let grace = Browser.member("grace@example.org", in: world, transcript, secure)
            ada.post("/user/account/", ["first_name": "Adá", "last_name": "李"], "Her name")
            ada.get("/tools/", "An owner opens a page; the site has a cookie of its own") {
                $0.gate = .page
                $0.header.cookie? += "; theirs=1"
            }
            grace.get("/tools/data.json", "A script of that page") { $0.gate = .call }
            grace.post("/tools/save", [:], "A form of that page") {
                $0.gate = .page
                $0.body = .complete([])
            }
            grace.post("/tools/save", [:], "A form of another site") {
                $0.gate = .page
                $0.body = .complete([])
                $0.header.origin = "https://evil.example"
                $0.header.secFetchSite = "cross-site"
            }
            grace.get("/tools/socket", "A WebSocket without an origin") { $0.gate = .handshake }
            let stranger = Browser(world, transcript)
            secure(stranger)
            stranger.get("/tools/report?year=2026&page=2", "A stranger opens a page") { $0.gate = .page }
            stranger.post("/tools/save", [:], "A stranger sends a form") {
                $0.gate = .page
                $0.body = .complete([])
            }
            stranger.get("/tools/data.json", "A program") { $0.gate = .call }
            stranger.get("/tools/data.json", "A program with a wrong token") {
                $0.gate = .call
                $0.header.authorization = "Token of-nobody"
            }
            try world.remove("grace@example.org")
            grace.get("/tools/", "She was removed") { $0.gate = .page }
        }
    ]
}

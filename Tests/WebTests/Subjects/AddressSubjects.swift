import HTTP

extension Subject {
    static let addresses = [
        Subject("sub-path", "LABEL_STUDIO_HOST=http://labels.example:8080/labels") { transcript in
            let world = try transcript.world(address: "http://labels.example:8080/labels")
            let ada = Browser(world, transcript)
            ada.get("/labels", "The front door, without a slash")
            ada.get("/labels/user/signup/", "The sign-up page")
            ada.post(
                "/labels/user/signup/", ["email": "ada@example.org", "password": Person.password],
                "The first account")
            ada.get("/labels/", "Home")
            ada.post("/labels/projects/new", ["title": "Birds", "description": ""], "A project")
            ada.get("/labels/", "Its links")
            ada.get("/labels/organization/invite", "The invite link")
            ada.get("/labels/api/invite", "The invite link in the API, without the sub-path")
            ada.post("/labels/api/invite/reset-token", [:], "With the sub-path after a reset")
            ada.get("/labels/user/account/", "The account page")
            ada.get("/organization/", "A proxy that has removed the sub-path already")
            ada.get("/labels/nothing", "404")
            ada.post("/labels/logout", [:], "Log-out")
            ada.get("/labels/people?after=1", "The way to the log-in page and back")
        },
        Subject("https", "LABEL_STUDIO_HOST=https://labels.example") { transcript in
            let world = try transcript.world(address: "https://labels.example")
            let ada = Browser(world, transcript)
            ada.scheme = "https"
            ada.host = "labels.example"
            ada.get("/user/signup/", "The sign-up page")
            ada.post(
                "/user/signup/", ["email": "ada@example.org", "password": Person.password],
                "The first account")
            ada.get("/organization/invite", "The invite link")
            let bare = ada.copy()
            bare.cookies = ada.cookies.map {
                ($0.name == "__Host-sessionid" ? "sessionid" : $0.name, $0.value)
            }
            bare.get("/projects/", "A bare sessionid is never accepted over https")
            ada.post("/logout", [:], "Log-out")
            ada.post("/user/login/", ["email": "ada@example.org", "password": Person.password], "Log-in")
        },
        Subject("https-sub-path", "LABEL_STUDIO_HOST=https://labels.example/labels") { transcript in
            let world = try transcript.world(address: "https://labels.example/labels")
            let ada = Browser.member("ada@example.org", in: world, transcript) {
                $0.scheme = "https"
                $0.host = "labels.example"
            }
            ada.get("/labels/logout", "The name of the cookie tells the sub-path")
            ada.post("/labels/logout", [:], "Log-out")
            ada.post(
                "/labels/user/login/", ["email": "ada@example.org", "password": Person.password], "Log-in")
        },
        Subject("proxies", "LABEL_STUDIO_TRUSTED_PROXIES=10.0.0.0/8, and a tunnel") { transcript in
            let world = try transcript.world(proxies: ["10.0.0.0/8"])
            let ada = Browser.member("ada@example.org", in: world, transcript) { $0.configureProxied() }
            let proxied: (inout Request) -> Void = {
                $0.remoteAddress = "10.1.2.3"
                $0.header.forwardedProto = "https"
                $0.header.forwardedHost = "Labels.Example"
                $0.header.forwardedFor = "198.51.100.1, 203.0.113.9, 10.9.9.9"
            }
            ada.get("/user/login/", "A trusted proxy says https, and the public host") { proxied(&$0) }
            ada.post(
                "/user/login/", ["email": "ada@example.org", "password": Person.password],
                "Log-in, with the origin of the public host"
            ) {
                proxied(&$0)
                $0.header.origin = "https://labels.example"
                $0.header.secFetchSite = nil
            }
            ada.get("/user/login/", "Anybody else is not believed") {
                proxied(&$0)
                $0.remoteAddress = "192.0.2.77"
            }
            ada.post(
                "/user/login/", ["email": "ada@example.org", "password": Person.password],
                "A tunnel that is not named: the page says what to set"
            ) {
                proxied(&$0)
                $0.remoteAddress = "127.0.0.1"
                $0.header.origin = "https://labels.example"
                $0.header.secFetchSite = nil
            }
        },
    ]
}

extension Browser {
    /// The web server is reached by a name of its own behind the proxy.
    fileprivate func configureProxied() {
        host = "inside.example:8080"
        cookies = []
    }
}

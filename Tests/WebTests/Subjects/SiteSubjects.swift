import HTTP

extension Subject {
    static let sites = [
        Subject("site-host", "The way into a site on another host of ours, and back.") { transcript in
            let world = try transcript.world(address: Traveller.address, siteHosts: [Traveller.host])
            let silent = Browser.member("ada@example.org", in: world) {
                $0.scheme = "https"
                $0.host = "labels.example"
            }
            silent.get("/logout")
            let ada = Traveller(world, transcript)
            ada.open("/data.json", "A program has no way to go", .call)
            let there = try ada.leave("/board?id=1", "A stranger opens a page of the site")
            let logIn = ada.home.get(there, "He is not logged in here either").location!
            ada.home.get(logIn)
            ada.home.post(
                logIn, ["email": "ada@example.org", "password": Person.password], "He logs in")
            let ticket = try ada.takeTicket("/board?id=1")
            ada.away.get(ticket, "The ticket becomes a cookie of that host")
            ada.open("/board?id=1", "He is where he wanted to be")
            ada.away.post("/board/save", [:], "A form of that site") {
                $0.gate = .page
                $0.body = .complete([])
            }
            ada.away.post("/board/save", [:], "A form of a page at home, or of anybody else") {
                $0.gate = .page
                $0.body = .complete([])
                $0.header.origin = "https://labels.example"
                $0.header.secFetchSite = "cross-site"
            }
            ada.away.get(ticket, "The ticket once more: he is there already")
            ada.away.get("/-/accounts/", "Our pages are at home")
            ada.away.get("/-/accounts/logout", "The log-out page, too")
            ada.home.get("/logout")
            ada.home.post("/logout", [:], "He logs out")
            ada.open("/board", "He is out there at once")
        },
        Subject("site-ticket-refused", "Tickets that do not work.") { transcript in
            let world = try transcript.world(address: Traveller.address, siteHosts: [Traveller.host])
            let ada = Traveller(member: "ada@example.org", in: world, transcript)
            let ticket = try ada.takeTicket("/board")
            let thief = Traveller(world, transcript)
            let refused = thief.away.get(ticket, "In a browser without the secret").location!
            thief.home.get(try Traveller.path(refused, at: thief.home), "What he is told")
            ada.home.get("/-/accounts/site/refused?host=tools.example&next=/board", "The same for a member")
            ada.home.get(ticket, "On the host with our pages there are no tickets to use")
            world.pass(seconds: 30)
            ada.away.get(ticket, "After 30 seconds")
            for (query, caption) in [
                ("host=evil.example&browser=x&next=/", "For a host that is none of ours"),
                ("host=tools.example&browser=x&next=/", "For no browser"), ("", "For nothing"),
            ] {
                ada.home.get("/-/accounts/site?\(query)", caption)
            }
            ada.home.get("/-/accounts/site/refused?host=evil.example", "About a host that is none of ours")
            ada.away.get("/projects/", "At the other host there are no pages of ours")
            ada.away.post("/-/accounts/ticket", [:], "No ticket is sent by a form")
            ada.away.post("/user/login/", ["email": "ada@example.org"], "Nobody logs in there")
            ada.away.get("/-/accounts//x", "What is no path")
        },
        Subject("project-sites", "Projects that open a site.") { transcript in
            let world = try transcript.world(address: Traveller.address, siteHosts: [Traveller.host])
            let ada = Traveller(member: "ada@example.org", in: world, transcript).home
            ada.get("/projects/new", "The form names the other hosts")
            let site = "https://tools.example/board?id=1"
            ada.post("/projects/new", ["title": "Birds", "description": "", "site_address": site], "A host")
            ada.post(
                "/projects/new", ["title": "Bees", "description": "", "site_address": "/tools/"], "A path")
            ada.get("/", "The cards open the sites")
            ada.get("/projects/1/", "The page of a project opens it")
            ada.get("/projects/2/edit", "Its form")
            for (address, caption) in [
                ("javascript:alert(1)", "No address"), ("https://evil.example/", "A foreign host"),
                ("/user/login/", "A page of ours"), ("/" + String(repeating: "a", count: 1000), "Too long"),
            ] {
                ada.post(
                    "/projects/2/edit", ["title": "Bees", "description": "", "site_address": address], caption
                )
            }
            ada.post("/projects/2/edit", ["title": "Bees", "description": "", "site_address": ""], "None")
            ada.get("/projects/2/", "It opens nothing any more")
            ada.call(.get, "/api/projects/1/", "", "By the API")
            ada.call(
                .patch, "/api/projects/1/", #"{"site_address": "https://evil.example/"}"#, "A foreign host")
            ada.call(.patch, "/api/projects/1/", #"{"site_address": "/tools/"}"#, "Another one")
            ada.call(.patch, "/api/projects/1/", #"{"title": "Wasps"}"#, "It stays")
            ada.call(.patch, "/api/projects/1/", #"{"site_address": null}"#, "None any more")
        },
        Subject("project-sites-without-hosts", "Sites where there is no other host.") { transcript in
            let ada = Browser.member("ada@example.org", in: try transcript.world(), transcript)
            ada.post(
                "/projects/new",
                ["title": "Birds", "description": "", "site_address": "https://tools.example/"], "A host")
            ada.post(
                "/projects/new", ["title": "Birds", "description": "", "site_address": "tools"], "No address")
            ada.get("/-/accounts/ticket", "There are no tickets")
            ada.get("/-/accounts/site?host=tools.example&browser=x", "Nor any to be had")
        },
    ]
}

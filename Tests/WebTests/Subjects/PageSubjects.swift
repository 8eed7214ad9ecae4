import Accounts
import HTTP

extension Subject {
    static let pages = [
        Subject("home", "The front door and the list of projects.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            Browser(world, transcript).get("/", "A stranger is led to the log-in page")
            ada.get("/", "Home, without projects")
            ada.post("/projects/new", ["title": "First", "description": "Some words"], "A project")
            ada.post(
                "/projects/new", ["title": "Second", "description": String(repeating: "long ", count: 41)],
                "One with a long description")
            ada.get("/", "Home, the newest project first")
            ada.get("/projects", "The same under its own address")
            for number in 1...4 {
                ada.post("/projects/new", ["title": "Bird \(number)", "description": ""])
            }
            ada.post(
                "/projects/new", ["title": "Vögel", "description": "# Birds\r\n\r\n- of *the*\r\n- `north`"])
            ada.get("/", "More than a handful: there is a search; a description without its signs")
            ada.get("/?q=VOGEL", "Found without regard to capitals and accents")
            ada.get("/?q=bird", "Some are found")
            ada.get("/?q=%3Cb%3E%25", "None is found")
            ada.get("/?before=3", "Older ones")
            ada.get("/?q=first&before=1", "There are none older")
        },
        Subject("projects", "Projects: create, open, edit, delete.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let bob = Browser.member("bob@example.org", in: world, transcript)
            ada.get("/projects/new", "The form")
            ada.post(
                "/projects/new", ["title": "  Birds ", "description": "Line one\r\nLine <b>two</b>\r\n"],
                "It is created")
            ada.get("/projects/1/", "The project")
            let markdown = "# What\n- *one*\n- ![a bird](/x.png)\n\n[on](/tools/) [not](javascript:x)"
            ada.post(
                "/projects/new", ["title": "Calls", "description": markdown],
                "One that is described in Markdown")
            ada.get("/projects/2/", "As it is shown")
            ada.post("/projects/2/delete")
            bob.get("/projects/1", "Every member sees it")
            bob.get("/projects/1/edit", "And may change it")
            bob.post("/projects/1/edit", ["title": "Birds & bees", "description": ""], "He does")
            bob.get("/projects/1/delete", "The question")
            bob.post("/projects/1/delete", [:], "It is deleted")
            bob.get("/?done=deleted", "What the next page says")
            for target in ["/projects/1/", "/projects/1/edit", "/projects/1/delete"] {
                bob.get(target, "It is gone: \(target)")
            }
            bob.post("/projects/1/edit", ["title": "Birds", "description": ""], "It cannot be changed")
            bob.post("/projects/1/delete", [:], "Nor deleted again")
        },
        Subject("project-errors", "Project forms that have to be filled in differently.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            ada.post("/projects/new", ["title": "Birds", "description": ""])
            ada.get("/projects/new")
            ada.post("/projects/new", ["title": " ", "description": "\n <b>kept</b>"], "No title")
            ada.post(
                "/projects/new", ["title": String(repeating: "t", count: 256), "description": ""],
                "A title of 256 characters")
            ada.post(
                "/projects/1/edit",
                ["title": "Birds", "description": String(repeating: "d", count: 4001)],
                "A description of 4001 characters")
            ada.post("/projects/1/edit", ["title": "", "description": ""], "No title any more")
        },
        Subject("organization", "The people.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            ada.get("/organization/", "One person")
            world.pass(minutes: 90)
            let bob = Browser.member("bob@example.org", in: world, transcript)
            bob.get("/user/account/")
            bob.post(
                "/user/account/", ["first_name": "Bob", "last_name": "<b>Builder</b>", "phone": ""],
                "He says who he is")
            _ = Browser.member("carol@example.org", in: world)
            try world.remove("carol@example.org")
            bob.get("/people", "Two people; a third was removed")
            ada.get("/organization/?after=1.zoe", "Past the end of the list")
            ada.get("/organization/?after=1", "No place in the list")
            ada.get("/organization/?q=%20BUILDER", "Somebody is looked for")
            ada.get("/organization/?q=%3Cb%3E&sort=-active", "In another order")
            ada.get("/organization/?q=Nobody+%22here%22&sort=role", "Nobody is found")
            ada.get("/organization/?sort=weight&after=%00", "What makes no sense")
        },
        Subject("rename", "Another name for the organization.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let bob = Browser.member("bob@example.org", in: world, transcript)
            bob.get("/organization/rename", "A member is no owner")
            bob.post("/organization/rename", ["title": "Bob's"])
            ada.get("/organization/rename", "An owner renames it")
            ada.post("/organization/rename", ["title": " \u{2003} "], "Without a name")
            ada.post(
                "/organization/rename", ["title": String(repeating: "x", count: 1_001)], "Too long a name")
            ada.post("/organization/rename", ["title": "\"Birds\"\0"], "An invisible character")
            ada.post("/organization/rename", ["title": " Birds & Söhne <b> "], "A name")
            ada.get("/organization/?done=renamed", "It has its new name")
        },
        Subject("invite", "The invite link, and its reset.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            ada.get("/organization/invite", "Add People")
            ada.get("/organization/invite/", "Looking again shows the same link")
            ada.get("/organization/invite/reset", "Reset Link asks first")
            ada.get("/organization/invite", "The question has changed nothing")
            ada.post("/organization/invite/reset", [:], "The answer")
            ada.get("/organization/invite?done=link", "Another link, and who has replaced the old one")
            try world.accounts.resetInvitation(by: .commandLine, from: .commandLine)
            ada.get("/organization/invite", "A reset on the command line")
            let bob = Browser.member("bob@example.org", in: world, transcript)
            bob.get("/organization/invite/limits", "A member is no owner")
            bob.post("/organization/invite/limits", ["until": "", "joins": "5"])
            ada.get("/organization/invite/limits", "An owner limits the link")
            ada.post(
                "/organization/invite/limits", ["until": "2026-01-30", "joins": "none"],
                "A day that is over, and no number")
            ada.post(
                "/organization/invite/limits", ["until": "2026-01-31", "joins": "1"],
                "Today, and one more")
            ada.get("/organization/invite?done=limits", "What is left of it")
            let organization = try world.accounts.organization()!
            let token = world.accounts.invitationToken(of: organization)
            let carol = Browser(world, transcript)
            carol.get("/user/signup/?token=\(token)")
            carol.post(
                "/user/signup/?token=\(token)",
                ["email": "carol@example.org", "password": "correct horse"], "The last one")
            let dave = Browser(world, transcript)
            dave.get("/user/signup/?token=\(token)", "One too many")
            bob.get("/organization/invite", "Used up")
            ada.get("/organization/invite/limits", "The limits of a link that is used up")
            ada.post(
                "/organization/invite/limits", ["until": " 2026-01-31 ", "joins": " 0 "],
                "They can be saved as they are")
            ada.get("/organization/invite/reset", "The question says how many have joined")
            world.pass(minutes: 12 * 60)
            dave.get("/user/signup/?token=\(token)", "The day is over")
            let local = Browser.member("ada@example.org", in: try transcript.world(), transcript) {
                $0.host = "localhost:8080"
            }
            local.get("/organization/invite", "A link that works on this computer only")
        },
        Subject("closed-doors", "What a stranger gets at the doors of members.") { transcript in
            let world = try transcript.world()
            _ = Browser.member("ada@example.org", in: world)
            let stranger = Browser(world, transcript)
            for target in [
                "/projects", "/projects/", "/projects/new", "/projects/1", "/projects/1/edit",
                "/projects/1/delete", "/organization", "/organization/?after=2", "/people",
                "/organization/invite", "/organization/invite/reset", "/organization/invite/limits",
                "/organization/rename", "/user/account",
                "/user/account/password", "/user/account/personal-info", "/user/account/token/reset",
            ] {
                stranger.get(target, "GET \(target)")
            }
            for target in [
                "/projects/new", "/projects/1/edit", "/projects/1/delete", "/organization/invite/reset",
                "/organization/invite/limits", "/organization/rename", "/user/account",
                "/user/account/password", "/user/account/token/reset",
            ] {
                stranger.post(target, [:], "POST \(target)")
            }
            for target in ["/api/current-user/whoami", "/api/current-user/token", "/api/invite"] {
                stranger.get(target, "GET \(target)")
            }
            for target in ["/api/current-user/reset-token", "/api/invite/reset-token"] {
                stranger.post(target, [:], "POST \(target)")
            }
        },
    ]
}

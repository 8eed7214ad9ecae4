import Accounts
import HTTP

@testable import Web

extension Subject {
    static let people = [
        Subject("person", "An owner and another person: every act, with its question.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let bob = Browser.member("bob@example.org", in: world, transcript)
            let bobsToken = try world.accounts.apiToken(of: User.ID(2))
            ada.get("/organization/", "Names lead to the people")
            ada.get("/organization/people/2/", "A person")
            ada.get("/organization/people/1/", "Oneself: nothing can be done here")
            ada.get("/organization/people/3/", "Nobody")

            ada.get("/organization/people/2/make-owner", "A question before each act")
            ada.post("/organization/people/2/make-owner", [:], "Done")
            ada.get("/organization/people/2/?done=make-owner", "And said")
            ada.post("/organization/people/2/make-owner", [:], "Twice is not possible")
            ada.get("/organization/people/2/make-member", "The other way")
            ada.post("/organization/people/2/make-member")
            ada.get("/organization/people/2/log-out", "His sessions")
            ada.post("/organization/people/2/log-out")
            bob.get("/", "They have ended")
            bob.get("/user/login/")
            bob.post("/user/login/", ["email": "bob@example.org", "password": Person.password])

            ada.get("/organization/people/2/deactivate", "Keep out for a while")
            ada.post("/organization/people/2/deactivate")
            ada.get("/organization/people/2/?done=deactivate", "What is left to do")
            ada.get("/organization/", "He stays in the list")
            bob.get("/", "His session has ended")
            bob.get("/user/login/")
            bob.post(
                "/user/login/", ["email": "bob@example.org", "password": Person.password],
                "The right password does not help")
            Browser(world, transcript).get("/api/current-user/whoami", "Nor does his token") {
                $0.header.apiKey = bobsToken
            }
            ada.get("/organization/people/2/reactivate")
            ada.post("/organization/people/2/reactivate")
            ada.get("/organization/people/2/?done=reactivate")
            Browser(world, transcript).get("/api/current-user/whoami", "The token works again") {
                $0.header.apiKey = bobsToken
            }

            ada.get("/organization/removed", "Nobody was removed")
            ada.get("/organization/people/2/remove", "Put out")
            ada.post("/organization/people/2/remove")
            ada.get("/organization/people/2/?done=remove", "It is said that the link was replaced")
            ada.get("/organization/removed", "He is listed")
            Browser(world, transcript).get("/api/current-user/whoami", "The token died") {
                $0.header.apiKey = bobsToken
            }
            bob.post(
                "/user/login/", ["email": "bob@example.org", "password": Person.password],
                "He is told what happened")
            ada.post("/organization/people/2/remove", [:], "Twice is not possible")
            ada.get("/organization/people/2/restore")
            ada.post("/organization/people/2/restore")
            ada.get("/organization/people/2/?done=restore")
        },
        Subject("person-rights", "Acts upon people by those who may not.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world)
            let bob = Browser.member("bob@example.org", in: world, transcript)
            let nobody = Browser(world, transcript)
            for browser in [bob, nobody] {
                browser.get("/organization/people/1/", "The page of a person")
                for act in PersonAct.allCases {
                    browser.get("/organization/people/1/\(act.rawValue)")
                    browser.post("/organization/people/1/\(act.rawValue)")
                }
                browser.get("/organization/removed")
                browser.get("/organization/audit")
                browser.get("/organization/audit.csv")
                browser.get("/organization/audit.json")
            }
            let silent = ada.copy()
            silent.get("/organization/")
            silent.post("/organization/people/1/remove")
            let adasEye = Browser(world, transcript)
            adasEye.cookies = silent.cookies
            adasEye.get("/organization/people/1/")
            for act in PersonAct.allCases {
                adasEye.post("/organization/people/1/\(act.rawValue)", [:], "Upon oneself")
            }
        },
        Subject("set-password", "A forgotten password.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let bob = Browser.member("bob@example.org", in: world, transcript)
            ada.get("/organization/people/2/reset-link", "The owner is asked")
            let shown = ada.post("/organization/people/2/reset-link", [:], "The link, once").text
            let token =
                shown.firstMatch(of: /set-password\/\?token=([A-Za-z0-9_-]*)/).map { String($0.1) } ?? ""
            let guest = Browser(world, transcript)
            guest.get("/user/set-password/?token=\(token)", "Opening it")
            guest.get("/user/set-password/?token=\(token)", "uses nothing up")
            guest.post(
                "/user/set-password/?token=\(token)", ["new_password": "short"], "A password that is refused")
            guest.post(
                "/user/set-password/?token=\(token)", ["new_password": Person.newPassword], "A good one")
            guest.get("/user/set-password/done", "Nobody is logged in by it")
            bob.get("/", "His sessions have ended")
            guest.get("/user/set-password/?token=\(token)", "The link is used up")
            guest.post("/user/set-password/?token=\(token)", ["new_password": Person.password])
            guest.get("/user/set-password", "No token at all")
            guest.get("/user/login/")
            guest.post(
                "/user/login/", ["email": "bob@example.org", "password": Person.newPassword],
                "The new password")
            guest.get("/user/set-password/done", "Logged in")
            guest.get("/user/set-password/?token=x", "Logged in, a link that is none")
            guest.post("/user/set-password/?token=x", ["new_password": "x"])
            let late = ada.post("/organization/people/2/reset-link", [:], "Another one").text
            let other =
                late.firstMatch(of: /set-password\/\?token=([A-Za-z0-9_-]*)/).map { String($0.1) } ?? ""
            world.pass(minutes: 24 * 60)
            Browser(world, transcript).get("/user/set-password/?token=\(other)", "After 24 hours")
        },
        Subject("email", "Changing one's address.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            _ = Browser.member("bob@example.org", in: world)
            ada.get("/user/account/email", "The address of the form")
            ada.post("/user/account/email", ["email": "lovelace", "password": Person.password], "No address")
            ada.post(
                "/user/account/email", ["email": "new@example.org", "password": "wrong one 1"],
                "A wrong password: what was typed stays")
            ada.post(
                "/user/account/email", ["email": "bob@example.org", "password": Person.password], "Taken")
            ada.post(
                "/user/account/email", ["email": "New@Example.org", "password": Person.password], "Done")
            ada.get("/user/account/?done=email")
            let later = Browser(world, transcript)
            later.post("/user/account/email", ["email": "a@b.org"], "Not logged in")
            later.get("/user/account/email")
            later.get("/user/login/")
            later.post(
                "/user/login/", ["email": "ada@example.org", "password": Person.password], "The old one")
            later.post(
                "/user/login/", ["email": "new@example.org", "password": Person.password], "The new one")
        },
        Subject("sessions", "Where one is logged in.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            ada.get("/user/account/sessions", "One browser, that says nothing of itself")
            let phone = Browser(world, transcript)
            phone.get("/user/login/")
            phone.post("/user/login/", ["email": "ada@example.org", "password": Person.password]) {
                $0.header.userAgent =
                    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
                $0.remoteAddress = "2001:db8::7"
            }
            world.pass(minutes: 5)
            let page = ada.get("/user/account/sessions", "Another one").text
            let id = page.firstMatch(of: /name="session" value="([0-9a-f]*)"/).map { String($0.1) } ?? ""
            ada.post("/user/account/sessions/end", ["session": "zz"], "What is no session")
            ada.post("/user/account/sessions/end", ["session": id], "It is ended")
            ada.get("/user/account/sessions?done=session")
            phone.get("/", "The other browser is out")
            phone.get("/user/account/sessions", "Nobody")
            phone.post("/user/account/sessions/end", ["session": id])
            phone.post("/user/account/sessions/end-others")
            let third = Browser(world, transcript)
            third.get("/user/login/")
            third.post("/user/login/", ["email": "ada@example.org", "password": Person.password])
            ada.post("/user/account/sessions/end-others", [:], "All others")
            ada.get("/user/account/sessions?done=sessions")
            third.get("/", "Out as well")
        },
        Subject("audit", "What happened.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let bob = Browser.member("bob@example.org", in: world, transcript)
            Browser(world).post("/user/login/", ["email": "my secret password", "password": "wrong one 1"])
            Browser(world).post("/user/login/", ["email": "bob@example.org", "password": "wrong one 1"])
            ada.get("/organization/audit", "Everything, the newest first")
            ada.get(
                "/organization/audit?action=log-in-refused&person=BOB&since=2026-01-31&until=2026-01-31",
                "Filtered")
            ada.get("/organization/audit?since=yesterday&until=2026-02-30", "Dates that are none")
            ada.get("/organization/audit?since=2026-02-01", "Nothing matches")
            ada.get("/organization/audit.csv", "As a table")
            ada.get("/organization/audit.json?action=signed-up", "As JSON, filtered")
            ada.get("/organization/audit.json?since=x", "A filter that is none")
            bob.get("/user/account/activity", "A member sees what concerns him")
            Browser(world, transcript).get("/user/account/activity", "Nobody")
        },
        Subject("leaving", "Leaving, and deleting one's account.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let bob = Browser.member("bob@example.org", in: world, transcript)
            let carla = Browser.member("carla@example.org", in: world, transcript)
            let nobody = Browser(world, transcript)
            for page in ["leave", "delete"] {
                nobody.get("/user/account/\(page)")
                nobody.post("/user/account/\(page)")
            }
            ada.get("/user/account/leave", "The question")
            ada.post("/user/account/leave", ["password": Person.password], "The only owner stays")
            ada.get("/user/account/delete")
            ada.post(
                "/user/account/delete", ["email": "ada@example.org", "password": Person.password],
                "Nor can the only owner vanish")
            bob.get("/user/account/leave")
            bob.post("/user/account/leave", ["password": "wrong one 1"], "A wrong password")
            bob.post("/user/account/leave", ["password": Person.password], "Gone")
            bob.get("/logout", "Out")
            carla.get("/user/account/delete")
            carla.post(
                "/user/account/delete", ["email": "karla@example.org", "password": Person.password],
                "Mistyped")
            carla.post("/user/account/delete", ["email": "carla@example.org", "password": "wrong one 1"])
            carla.post(
                "/user/account/delete", ["email": "Carla@example.org ", "password": Person.password],
                "Deleted")
            ada.get("/organization/", "One is left")
        },
        Subject("limits", "Too many tries.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let attacker = Browser(world, transcript)
            attacker.remoteAddress = "198.51.100.66"
            attacker.get("/user/login/")
            let quiet = Browser(world)
            quiet.remoteAddress = attacker.remoteAddress
            for _ in 1...10 {
                quiet.post("/user/login/", ["email": "ada@example.org", "password": "wrong one 1"])
            }
            attacker.post(
                "/user/login/", ["email": "ada@example.org", "password": "wrong one 1"],
                "The 11th guess of one account has to wait")
            let elsewhere = Browser(world, transcript)
            elsewhere.remoteAddress = "198.51.100.67"
            elsewhere.get("/user/login/")
            elsewhere.post(
                "/user/login/", ["email": "ada@example.org", "password": "wrong one 1"],
                "From another address as well")
            ada.get("/logout")
            ada.post("/logout")
            ada.get("/user/login/")
            ada.post(
                "/user/login/", ["email": "ada@example.org", "password": Person.password],
                "Her own browser does not")
            world.pass(seconds: 1)
            attacker.post(
                "/user/login/", ["email": "ada@example.org", "password": "wrong one 1"], "A second later")
            attacker.post("/user/login/", ["email": "ada@example.org", "password": "x"], "Twice as long")

            for _ in 1...50 { quiet.get("/user/signup/?token=guess") }
            attacker.get("/user/signup/?token=guess", "Guessed invite links")
            for _ in 1...50 { quiet.get("/api/invite") { $0.header.apiKey = "guess" } }
            attacker.get("/api/invite", "Guessed API tokens") { $0.header.apiKey = "guess" }
            let stolen = ada.copy()
            for _ in 1...10 {
                let thief = Browser(world)
                thief.cookies = stolen.cookies
                thief.post("/user/account/leave", ["password": "wrong one 1"])
            }
            ada.get("/user/account/")
            ada.post(
                "/user/account/password",
                ["current_password": "wrong one 1", "new_password": Person.newPassword],
                "Guesses of the current password in one session")
        },
    ]
}

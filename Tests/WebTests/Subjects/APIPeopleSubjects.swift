import Accounts
import HTTP

@testable import Web

extension Subject {
    static let apiPeople = [
        Subject("api-users", "People, by the API.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let bob = Browser.member("bob@example.org", in: world, transcript)
            let stranger = Browser(world, transcript)
            ada.get("/api/users/", "All of them")
            ada.get("/api/users?include=id,email", "Some keys")
            ada.get(
                "/api/users?omit=custom_hotkeys,avatar,phone,active_organization_meta&ordering=-id", "Not all"
            )
            ada.get("/api/users/2/", "One of them")
            ada.get("/api/users/99", "Nobody")
            ada.call(
                .post, "/api/users/",
                #"{"username": "cleo", "email": " Cleo@Example.org ", "first_name": "Cleo", "password": "ignored", "allow_newsletters": true}"#,
                "A new one, without a password")
            ada.call(
                .post, "/api/users/", #"{"username": "cleo", "email": "CLEO@example.org"}"#,
                "Nobody has an address twice, whatever its case")
            ada.call(.post, "/api/users/", #"{"email": "who"}"#, "What is wrong, all at once")
            ada.call(.post, "/api/users/", "{}", "Nothing")
            ada.call(
                .post, "/api/users/", #"{"username": "", "email": "x@example.org"}"#,
                "A problem is named once")
            ada.post("/api/users/", ["username": "dan", "email": "dan@example.org"], "By a form")
            bob.call(
                .post, "/api/users/", #"{"username": "eve", "email": "eve@example.org"}"#,
                "Members make no accounts; they send the invite link")
            bob.call(
                .patch, "/api/users/2/",
                #"{"first_name": "Bob", "last_name": "B<o>b", "phone": 5, "allow_newsletters": null, "date_joined": "2020-02-29T12:00:00+01:00", "custom_hotkeys": {"annotation:submit": {"key": "ctrl+enter", "active": true}}, "id": 77, "is_superuser": true, "active_organization": 1}"#,
                "Everybody edits himself")
            bob.call(.patch, "/api/users/2", #"{"username": " bobby "}"#, "One field")
            bob.call(.patch, "/api/users/1/", #"{"first_name": "Bob"}"#, "And nobody else")
            ada.call(.patch, "/api/users/2/", #"{"last_name": "Builder"}"#, "An owner edits others")
            ada.call(.patch, "/api/users/99/", #"{"last_name": "Builder"}"#, "Nobody")
            bob.call(
                .patch, "/api/users/2/", #"{"first_name": "Robert", "email": "robert@example.org"}"#,
                "Not the address, and then nothing")
            bob.call(
                .patch, "/api/users/2/",
                #"{"username": "", "first_name": ["x"], "last_name": null, "phone": "1\u0000", "allow_newsletters": "perhaps", "date_joined": "yesterday", "custom_hotkeys": {"x": 1}, "active_organization": 2}"#,
                "All that is wrong")
            bob.get("/api/users/2?fields=id,username,first_name", "Nothing of that was saved")
            bob.send(.delete, "/api/users/2/", "Members delete nobody") { $0.header.origin = bob.origin }
            ada.send(.delete, "/api/users/1/", "The owner stays") { $0.header.origin = ada.origin }
            ada.send(.delete, "/api/users/2/", "An account is deleted") { $0.header.origin = ada.origin }
            ada.send(.delete, "/api/users/2/", "Again") { $0.header.origin = ada.origin }
            bob.get("/api/users/", "He is out at once")
            try world.remove("cleo@example.org")
            ada.get("/api/users/3?omit=date_joined,active_organization_meta", "A removed person")
            try world.accounts.setRole(.owner, of: User.ID(4), by: .commandLine, from: .commandLine)
            ada.send(.delete, "/api/users/4/", "An owner has to become a member first") {
                $0.header.origin = ada.origin
            }
            try world.remove("dan@example.org")
            ada.send(.delete, "/api/users/4/", "Unless he is out already") { $0.header.origin = ada.origin }
            stranger.get("/api/users/", "Strangers get nothing")
            stranger.get("/api/users/1/")
            stranger.call(.post, "/api/users/", "{}")
            stranger.call(.patch, "/api/users/1/", "{}")
            stranger.send(.delete, "/api/users/1/")
        },
        Subject("api-bodies", "What a call can be sent.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            func patch(_ caption: String, _ type: String?, _ body: String) {
                ada.call(.patch, "/api/users/1/?fields=id", body, caption) { $0.header.contentType = type }
            }
            patch("Nothing at all", nil, "")
            patch("JSON with a character set", "Application/JSON; charset=utf-8", #"{"phone": "1"}"#)
            patch("No JSON", "application/json", #"{"phone": }"#)
            patch("A list", "application/json", "[1]")
            patch("A text", "application/json", #""phone""#)
            patch("Another type", "text/plain", "phone=1")
            patch("No type", nil, "phone=1")
            patch("A form", "application/x-www-form-urlencoded", "phone=%2B1&phone=2&allow_newsletters=on")
            patch(
                "A form of parts", "multipart/form-data; boundary=b",
                "--b\r\nContent-Disposition: form-data; name=\"phone\"\r\n\r\n3\r\n--b--\r\n")
            patch("Parts that do not end", "multipart/form-data; boundary=b", "--b\r\n")
            patch("A form that is none", "application/x-www-form-urlencoded", "phone=%FF")
            ada.get("/api/users/1/?include=phone,allow_newsletters", "What is there now")
        },
        Subject("api-hotkeys", "Keyboard shortcuts, which clients keep here.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let stranger = Browser(world, transcript)
            ada.get("/api/current-user/hotkeys/", "None at first")
            ada.call(
                .patch, "/api/current-user/hotkeys/",
                #"{"custom_hotkeys": {"regions:delete": {"key": "x", "active": false}, "tools:undo": {"key": "u"}}}"#,
                "Two")
            ada.get("/api/current-user/hotkeys", "They are kept")
            ada.get("/api/current-user/whoami?fields=custom_hotkeys", "And shown with the user")
            for (caption, body) in [
                ("Not given", "{}"),
                ("A list", #"{"custom_hotkeys": []}"#),
                ("No section", #"{"custom_hotkeys": {"undo": {"key": "u"}}}"#),
                ("No shortcut", #"{"custom_hotkeys": {"tools:undo": "u"}}"#),
                ("No key", #"{"custom_hotkeys": {"tools:undo": {"active": true}}}"#),
                ("A key that is none", #"{"custom_hotkeys": {"tools:undo": {"key": 1}}}"#),
                ("Active perhaps", #"{"custom_hotkeys": {"tools:undo": {"key": "u", "active": "perhaps"}}}"#),
                ("Something else", #"{"custom_hotkeys": {"tools:undo": {"key": "u", "colour": "red"}}}"#),
                (
                    "Too much",
                    #"{"custom_hotkeys": {"tools:undo": {"key": "\#(String(repeating: "<", count: 3_000))"}}}"#
                ),
            ] { ada.call(.patch, "/api/current-user/hotkeys/", body, caption) }
            stranger.get("/api/current-user/hotkeys/", "Strangers have none")
            stranger.call(.patch, "/api/current-user/hotkeys/", "{}")
            ada.get("/api/current-user/product-tour?name=welcome", "There are no tours")
            ada.get("/api/current-user/product-tour", "Which one?")
            stranger.get("/api/current-user/product-tour?name=welcome")
        },
    ]
}

import Accounts
import HTTP

@testable import Web

extension Subject {
    static let apiOrganization = [
        Subject("api-organization", "The organization, by the API.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let bob = Browser.member("bob@example.org", in: world, transcript)
            let stranger = Browser(world, transcript)
            ada.get("/api/organizations/", "There is one")
            bob.get("/api/organizations/1", "Every member sees it")
            bob.get("/api/organizations/1/?fields=id,title", "A part of it")
            bob.get("/api/organizations/2", "There is no other")
            ada.call(.post, "/api/organizations/", #"{"title": "Two"}"#, "Nor will there be")
            ada.call(
                .patch, "/api/organizations/1",
                #"{"title": " Labels & Co ", "contact_info": "Office@example.org", "created_by": 2, "users": []}"#,
                "An owner names it")
            ada.call(.patch, "/api/organizations/1", #"{"contact_info": null}"#, "One field")
            ada.call(.put, "/api/organizations/1", #"{"title": "Labels"}"#, "As a whole")
            ada.call(.put, "/api/organizations/1", #"{"contact_info": ""}"#, "Then it needs a title")
            ada.call(
                .patch, "/api/organizations/1",
                #"{"title": " ", "contact_info": "who", "token": "chosen-by-hand"}"#, "All that is wrong")
            ada.call(.patch, "/api/organizations/2", #"{"title": "Two"}"#, "Another one")
            bob.call(.patch, "/api/organizations/1", #"{"title": "Bob's"}"#, "Members do not")
            bob.call(.put, "/api/organizations/1", #"{"title": "Bob's"}"#)
            stranger.get("/api/organizations/", "Nor do strangers")
            stranger.call(.post, "/api/organizations/", "{}")
            stranger.get("/api/organizations/1")
            stranger.call(.patch, "/api/organizations/1", "{}")
            stranger.call(.put, "/api/organizations/1", "{}")
            ada.get("/api/session-policy/", "How long sessions last")
            ada.call(.patch, "/api/session-policy/", #"{"max_session_age": 60}"#, "Shorter")
            ada.call(
                .patch, "/api/session-policy/",
                #"{"max_session_age": 0, "max_time_between_activity": 99999999}"#, "Too short, too long")
            ada.call(
                .patch, "/api/session-policy/",
                #"{"max_session_age": "an hour", "max_time_between_activity": null}"#, "No numbers")
            bob.call(.patch, "/api/session-policy/", #"{"max_session_age": 600000}"#, "Members do not")
            stranger.get("/api/session-policy/")
            stranger.call(.patch, "/api/session-policy/", "{}")
            world.pass(minutes: 61)
            ada.get("/api/session-policy/", "After an hour her session is over")
        },
        Subject("api-memberships", "Who is a member, by the API.") { transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let cleo = Browser.member("cleo@example.org", in: world, transcript)
            _ = Browser.member("bob@example.org", in: world, transcript)
            let stranger = Browser(world, transcript)
            cleo.post("/projects/new", ["title": "Birds", "description": ""], "She makes a project")
            ada.get("/api/organizations/1/memberships?page_size=2", "By user name, a page of two")
            ada.get("/api/organizations/1/memberships/?page=2&page_size=2", "The next page")
            ada.get("/api/organizations/1/memberships?page=3&page_size=2", "Past the end")
            ada.get(
                "/api/organizations/1/memberships?contributed_to_projects=1&page_size=-1",
                "All, with their projects")
            ada.get("/api/organizations/1/memberships?contributed_to_projects=maybe", "Which?")
            ada.get("/api/organizations/1/memberships?page=0", "No page")
            ada.get("/api/organizations/1/memberships?page=two", "No number")
            ada.get("/api/organizations/2/memberships", "Another organization")
            ada.get("/api/organizations/1/memberships/2/", "One of them")
            ada.get("/api/organizations/1/memberships/99", "Nobody")
            cleo.send(.delete, "/api/organizations/1/memberships/3/", "Members remove nobody") {
                $0.header.origin = cleo.origin
            }
            func remove(_ target: String, _ caption: String) {
                ada.send(.delete, target, caption) { $0.header.origin = ada.origin }
            }
            remove("/api/organizations/1/memberships/3/", "An owner does")
            remove("/api/organizations/1/memberships/3/", "Again")
            remove("/api/organizations/1/memberships/1/", "Not herself")
            remove("/api/organizations/1/memberships/99/", "Nobody")
            remove("/api/organizations/2/memberships/2/", "Another organization")
            ada.get("/api/organizations/1/memberships/3", "A removed person is still listed")
            stranger.get("/api/organizations/1/memberships", "Strangers see nothing")
            stranger.get("/api/organizations/1/memberships/1/")
            stranger.send(.delete, "/api/organizations/1/memberships/1/")
        },
    ]
}

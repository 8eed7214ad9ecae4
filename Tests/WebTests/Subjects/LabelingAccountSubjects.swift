import Accounts
import CannedServer
import Enrollment
import HTTP

@testable import Web

extension Subject {
    static let labelingAccount = [
        Subject("labeling-account", "Who is who in the labeling server, as an owner sees it.") { transcript in
            let labelStudio = CannedLabelStudio()
            labelStudio.change { $0.key = Array("its key".utf8) }
            let world = try transcript.world(labelingServer: labelStudio.address)
            let ada = Browser.member("ada@example.org", in: world, transcript)
            let bob = Browser.member("bob@example.org", in: world, transcript)
            _ = Browser.member("cleo@example.org", in: world)
            labelStudio.add("bob@example.org") { $0.firstName = "<Bob>" }
            try world.enter(1)
            ada.get("/organization/people/2/", "He was not there yet")
            try world.enter(2)
            ada.get("/organization/people/2/", "His address has an account there")
            ada.get("/organization/people/2/labeling-server", "A question about it")
            bob.get("/organization/people/2/labeling-server", "He is not asked")
            bob.post("/organization/people/2/labeling-server", ["account": "1"], "Nor does he decide")
            ada.post("/organization/people/2/labeling-server", ["account": "2"], "Another one")
            labelStudio.change { $0.isUp = false }
            ada.get("/organization/people/2/labeling-server", "It does not answer")
            ada.post("/organization/people/2/labeling-server", ["account": "1"])
            labelStudio.change { $0.isUp = true }
            ada.post("/organization/people/2/labeling-server", ["account": "1"], "The one that was shown")
            ada.get("/organization/people/2/?done=confirmed", "And said")
            ada.post("/organization/people/2/labeling-server", ["account": "1"], "Twice changes nothing")
            ada.get("/organization/people/3/labeling-server", "Nobody there has this address")
            ada.get("/organization/people/4/labeling-server", "Nobody here has this number")

            ada.get("/organization/people/2/labeling-server/separate", "The way back")
            ada.post("/organization/people/2/labeling-server/separate")
            ada.get("/organization/people/2/?done=separated", "And said")
            ada.post("/organization/people/2/labeling-server/separate", [:], "Twice is not possible")
            bob.post("/organization/people/2/labeling-server/separate", [:], "Not for members")

            try world.enter(3)
            ada.get("/organization/people/3/remove", "Out of both")
            ada.post("/organization/people/3/remove", ["labeling_server": "true"])
            ada.get("/organization/people/3/?done=removed-there", "And said")
            ada.post("/organization/people/3/restore")
            ada.post("/organization/people/3/remove", ["labeling_server": "true"], "She was not there")
            ada.get("/organization/people/3/?done=removed-not-there")
            ada.post("/organization/people/3/restore")
            labelStudio.change { $0.isUp = false }
            ada.post("/organization/people/3/remove", ["labeling_server": "true"], "It does not answer")
            ada.get("/organization/people/3/?done=removed-failed", "She is out here all the same")
            ada.get("/organization/people/2/remove", "He is nobody there")
            let nobody = Browser(world, transcript)
            for path in ["labeling-server", "labeling-server/separate"] {
                nobody.get("/organization/people/2/\(path)", "A stranger")
                nobody.post("/organization/people/2/\(path)")
            }
        },
        Subject("no-labeling-account", "The same addresses where there is no labeling server.") {
            transcript in
            let world = try transcript.world()
            let ada = Browser.member("ada@example.org", in: world, transcript)
            for path in ["labeling-server", "labeling-server/separate"] {
                ada.get("/organization/people/1/\(path)")
                ada.post("/organization/people/1/\(path)")
            }
        },
    ]
}

extension World {
    fileprivate func enter(_ user: Int64) throws {
        _ = try site.labelingServer?.enter(
            User.ID(user), from: Client(address: "192.0.2.10", userAgent: "a browser"))
    }
}

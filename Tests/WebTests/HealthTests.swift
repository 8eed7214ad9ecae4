import Accounts
import Database
import HTTP
import Testing

@testable import Web

struct HealthTests {
    private func status(_ world: World) -> Int {
        world.site.answer(Request(method: .get, target: "/health")).status.rawValue
    }

    @Test(arguments: [("FROM installation", "no file"), ("BEGIN", "attempt to write a readonly database")])
    func `A database that cannot be read or written is not healthy, and the log says why`(
        _ text: String, _ message: String
    ) throws {
        let world = try World()
        #expect(status(world) == 200)
        world.pass(seconds: 1)
        world.database.fail(.init(text: text, error: .init(.unavailable, message)))
        #expect(status(world) == 503)
        let event = try #require(world.events.last)
        #expect(event.name == "not-healthy")
        #expect(event.level == .error)
        #expect(event.fields.map(\.value) == [message])
        world.pass(seconds: 1)
        world.database.fail(nil)
        #expect(status(world) == 200)
    }

    @Test func `What was found is remembered for a second, good or bad, and told to the log once`() throws {
        let world = try World()
        #expect(status(world) == 200)
        world.database.fail(.init(text: "BEGIN", error: .init(.storage, "the disk is full")))
        #expect(status(world) == 200)
        world.pass(seconds: 1)
        for _ in 0..<5 { #expect(status(world) == 503) }
        #expect(world.events.count == 1)
        world.database.fail(nil)
        #expect(status(world) == 503)
        world.pass(seconds: -10)
        #expect(status(world) == 200, "a clock that was set back is no reason to wait")
    }

    @Test
    func
        `While one waits for the database, the others are not kept waiting, and not told for long that all is well`()
    {
        let checkup = Checkup()
        let start = World.beginning
        let outer = checkup.isWell(at: start) {
            #expect(checkup.isWell(at: start + 4) { false }, "as it was when it was opened")
            #expect(!checkup.isWell(at: start + 5) { true })
            return true
        }
        #expect(outer)
        #expect(checkup.isWell(at: start) { false })
        #expect(!checkup.isWell(at: start + 1) { false })
    }
}

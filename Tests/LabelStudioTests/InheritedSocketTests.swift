import Glibc
import Testing

@testable import LabelStudio

struct InheritedSocketTests {
    struct Case: Sendable {
        var count: String?
        var names: String?
        let requests: [Int32]
        let metrics: Int32?
    }

    @Test(arguments: [
        Case(count: "2", names: "label-studio.socket:metrics", requests: [3], metrics: 4),
        Case(count: "2", names: "metrics:label-studio.socket", requests: [4], metrics: 3),
        Case(count: "1", requests: [3], metrics: nil),
        Case(count: "1", names: "metrics", requests: [], metrics: 3),
        Case(count: "3", names: "a:metrics:b", requests: [3, 5], metrics: 4),
        Case(count: "0", requests: [], metrics: nil),
        Case(count: "-1", requests: [], metrics: nil),
        Case(requests: [], metrics: nil),
    ])
    func `The web server's socket and that of the figures are told apart by name`(_ passing: Case) {
        var environment: [String: String] = ["LISTEN_PID": "\(getpid())"]
        environment["LISTEN_FDS"] = passing.count
        environment["LISTEN_FDNAMES"] = passing.names
        let passed = ListeningSocket.Passed(environment)
        #expect(passed.forRequests == passing.requests)
        #expect(passed.forMetrics == passing.metrics)
        environment["LISTEN_PID"] = "1"
        let foreign = ListeningSocket.Passed(environment)
        #expect(foreign.forRequests.isEmpty)
        #expect(foreign.forMetrics == nil)
    }
}

import Foundation
import HTTP
import Testing

@testable import Web

/// Whole exchanges, compared with the files in `Transcripts`. This never writes
/// them: `Tests/WebTests/record` does, and shows what has changed.
struct TranscriptTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Transcripts")

    @Test(arguments: Subject.allPlayed.map(\.0))
    func `a subject reads as its transcript`(subject: Subject) throws {
        let played = try #require(Subject.allPlayed.first { $0.0.name == subject.name }).1.get()
        let file = Self.directory.appending(path: "\(subject.name).txt")
        let kept = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        let isSame = kept == played.text
        #expect(
            isSame,
            "\(subject.name).txt differs; - kept, + now:\n\(lineDifference(from: kept, to: played.text))")
    }

    @Test func `every transcript has a subject`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.directory.path)
        #expect(files.sorted() == Subject.all.map { "\($0.name).txt" }.sorted())
    }

    @Test func `every method of every route is in a transcript, logged in and logged out`() throws {
        let seen = Set(try Subject.allPlayed.flatMap { try $0.1.get().exchanges.compactMap(\.entrance) })
        for route in Route.table {
            for action in route.actions {
                for isLoggedIn in [true, false] {
                    let entrance = Transcript.Entrance(
                        route: route.name, method: action.method.name, isLoggedIn: isLoggedIn)
                    #expect(seen.contains(entrance))
                }
            }
        }
    }

    /// For `record`: writes what the site says now to a directory of its own.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["RECORD_TRANSCRIPTS_IN"] != nil))
    func `transcripts are recorded where the script says`() throws {
        let path = try #require(ProcessInfo.processInfo.environment["RECORD_TRANSCRIPTS_IN"])
        for (subject, played) in Subject.allPlayed {
            let file = URL(filePath: path).appending(path: "\(subject.name).txt")
            try played.get().text.write(to: file, atomically: true, encoding: .utf8)
        }
    }
}

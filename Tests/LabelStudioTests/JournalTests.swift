import Accounts
import Glibc
import Testing
import Web

@testable import LabelStudio

struct JournalTests {
    @Test func `A stream is the journal only if device and inode are those of the descriptor`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("log", "")
        let descriptor = unsafe open(path, O_WRONLY)
        defer { close(descriptor) }
        var status = stat()
        unsafe fstat(descriptor, &status)
        #expect(Journal.names("\(status.st_dev):\(status.st_ino)", descriptor: descriptor))
        #expect(!Journal.names("\(status.st_dev):\(status.st_ino + 1)", descriptor: descriptor))
        #expect(!Journal.names("", descriptor: descriptor))
        #expect(!Journal.names("\(status.st_dev):\(status.st_ino)", descriptor: -1))
    }

    @Test(arguments: zip([Event.Level.debug, .info, .notice, .warning, .error], [7, 6, 5, 4, 3]))
    func `A line for the journal begins with its priority, and not with the time`(
        _ level: Event.Level, _ priority: Int
    ) {
        var writer = LineWriter(isForJournal: true)
        writer.add(Event(level, "thing", [("path", "/")]), at: Timestamp(microseconds: 0))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "<\(priority)>\(level) thing path=/\n")
    }

    @Test func `Elsewhere a line begins with the time`() {
        var writer = LineWriter(isForJournal: false)
        writer.add(Event(.warning, "thing"), at: Timestamp(microseconds: 0))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "1970-01-01T00:00:00Z warning thing\n")
    }

    @Test func `Each line of a text for people has its priority`() {
        #expect(Journal.marked("one\n\ntwo", .error) == "<3>one\n<3>\n<3>two")
    }
}

import Foundation
import Testing

@testable import LabelStudio

/// The environment file of the service (`systemd/label-studio.env`), held to the
/// table of settings.
struct PackagedSettingsTests {
    private let lines: [Substring]
    private let directory: TemporaryDirectory

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("systemd/label-studio.env")
        lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        directory = try TemporaryDirectory()
    }

    /// The settings that a service can have: not those of a single command.
    private var settings: [Setting] {
        Setting.allCases.filter { setting in
            guard setting != .environmentFile else { return false }
            guard let flag = setting.flag else { return true }
            return !flag.commands.isDisjoint(with: [.start, .fastcgi])
        }
    }

    private func configuration(_ text: String) throws -> Configuration {
        let path = try directory.write(UUID().uuidString, text)
        var configuration = try Configuration(
            command: .fastcgi, flags: [.environmentFile: path, .resources: Resources.find()!.directory],
            environment: [:])
        // Whether a default is set or not is no difference.
        configuration.fingerprints = [:]
        return configuration
    }

    @Test func `it lists every setting of the service, and nothing else`() {
        let listed = lines.compactMap { $0.firstMatch(of: /^#?(LABEL_STUDIO_[A-Z_]+)=/)?.output.1 }
        #expect(listed.sorted() == settings.map { "LABEL_STUDIO_\($0.rawValue)"[...] }.sorted())
    }

    @Test func `the lockdown stands first and is active`() {
        let assignments = lines.filter { $0.contains(/^#?LABEL_STUDIO_/) }
        #expect(assignments.first == "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true")
        #expect(
            lines.filter { !$0.hasPrefix("#") } == [
                "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true",
                "LABEL_STUDIO_BASE_DATA_DIR=/var/lib/label-studio",
                "LABEL_STUDIO_KEY_FILE=/etc/label-studio/credentials/key",
            ])
    }

    @Test func `what it says to be a default is one`() throws {
        let text = lines.joined(separator: "\n") + "\n"
        let uncommented = text.replacing(/(?m)^#(LABEL_STUDIO_[A-Z_]+=.+)$/) { $0.output.1 }
        #expect(uncommented != text)
        #expect(try values(text) == values(uncommented))
    }

    /// Everything but how it was written.
    private func values(_ text: String) throws -> [String: String] {
        let children = Mirror(reflecting: try configuration(text)).children
        var values: [String: String] = [:]
        for child in children where child.label != "fingerprints" {
            dump(child.value, to: &values[child.label ?? "", default: ""])
        }
        return values
    }
}

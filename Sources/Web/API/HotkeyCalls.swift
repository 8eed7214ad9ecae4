internal import Accounts
internal import HTTP

/// Why something is no set of keyboard shortcuts: names like `section:action`,
/// each with `{"key": …, "active": …}`, the second optional.
struct HotkeysProblem {
    let message: String

    /// Bytes as they are stored. Everybody who lists people gets them.
    static let limit = 16_384

    /// Nil if nothing is wrong with it.
    init?(in value: JSON) {
        guard case .object(let hotkeys) = value else {
            message = "custom_hotkeys must be a dictionary"
            return
        }
        guard value.encoded.count <= Self.limit else {
            message = "Ensure that all hotkeys together have no more than \(Self.limit) bytes"
            return
        }
        for hotkey in hotkeys {
            if let problem = Self.problem(hotkey) {
                message = problem
                return
            }
        }
        return nil
    }

    private static func problem(_ hotkey: JSON.Member) -> String? {
        let parts = hotkey.name.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            return "Action key '\(hotkey.name)' must be in the format 'section:action'"
        }
        guard case .object(let settings) = hotkey.value else {
            return "Hotkey data for '\(hotkey.name)' must be a dictionary"
        }
        for setting in settings {
            switch (setting.name, setting.value) {
            case ("key", .string), ("key", .null), ("active", .boolean), ("description", .string): continue
            case ("key", _): return "Hotkey for '\(hotkey.name)' must be a string"
            case ("active", _): return "Active flag for '\(hotkey.name)' must be a boolean"
            default: return "'\(hotkey.name)' has an unknown setting"
            }
        }
        guard hotkey.value["key"] != nil else { return "'\(hotkey.name)' is missing 'key'" }
        return nil
    }
}

extension Site {
    func getHotkeys(_ visit: Visit, _ requester: Requester) throws -> Response {
        json(.ok, ["custom_hotkeys": hotkeys(of: try person(of: requester))])
    }

    func setHotkeys(_ visit: Visit, _ requester: Requester) throws -> Response {
        let value = try Fields(visit).json("custom_hotkeys")
        let problem = value.map { HotkeysProblem(in: $0)?.message } ?? Fields.required
        if let problem {
            return json(
                .badRequest,
                [
                    "error": "Invalid hotkeys configuration",
                    "details": ["custom_hotkeys": [.string(problem)]],
                ])
        }
        var changes = AccountChanges()
        changes.hotkeys = value.map { String(decoding: $0.encoded, as: UTF8.self) }
        let edited = try accounts.edit(
            requester.member.user.id, changes, by: requester, from: client(of: visit))
        guard let edited else { throw Accounts.AccessEnded() }
        return json(.ok, ["custom_hotkeys": hotkeys(of: edited)])
    }
}

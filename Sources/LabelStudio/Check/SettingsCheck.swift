internal import Web

/// What the settings say, and which program is called by its name.
enum SettingsCheck {
    static func findings(_ configuration: Configuration, path: String) -> [Finding] {
        var findings: [Finding] = [.ok("the settings are understood")]
        findings += configuration.warnings.map { .warning($0) }
        findings.append(
            configuration.isSignUpOpen
                ? .warning(
                    "sign-up is open: anyone who reaches the site can register; to close it, set "
                        + "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true")
                : .ok("sign-up is closed to all who have no invite link"))
        if !configuration.isThrottled {
            findings.append(
                .warning(
                    "LABEL_STUDIO_THROTTLE=off: nothing here limits the guessing of passwords; use this only "
                        + "behind a gateway that does"))
        }
        findings.append(publicAddress(configuration))
        if let finding = executable(path: path) { findings.append(finding) }
        return findings
    }

    private static func publicAddress(_ configuration: Configuration) -> Finding {
        guard let address = configuration.publicAddress else {
            return .warning(
                "LABEL_STUDIO_HOST is not set: links that the command line prints begin with "
                    + "\(configuration.baseURL), and the public address was not tried")
        }
        if !address.isSecure, !address.isLocal {
            return .warning(
                "\(configuration.baseURL) is not encrypted: whoever is in between reads passwords; "
                    + "use https")
        }
        return .ok("people reach the site at \(configuration.baseURL)")
    }

    /// Another program of our name that is called instead of this one.
    private static func executable(path: String) -> Finding? {
        let ours = Files.executable()
        let first = path.utf8.split(separator: UInt8(ascii: ":"))
            .map { String(decoding: $0, as: UTF8.self) + "/label-studio" }
            .first { Files.isExecutable($0) }
        guard let first, Files.resolved(first) != ours else { return nil }
        return .warning(
            "label-studio is another program where it is first in PATH: \(first); call this one as "
                + "\(ours), or give the other one another name")
    }
}

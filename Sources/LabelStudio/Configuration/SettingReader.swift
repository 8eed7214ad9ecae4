internal import Accounts
internal import HTTP
internal import PasswordStrength
internal import Web

/// Turns the text of settings into values, and gathers what is wrong.
struct SettingReader {
    private(set) var values: SettingValues
    private(set) var faults: [String] = []

    init(_ values: SettingValues) {
        self.values = values
    }

    mutating func fault(_ line: String) {
        faults.append(line)
    }

    func text(_ setting: Setting) -> String? {
        values[setting]?.text
    }

    /// Nil if it is not set, or does not parse.
    mutating func parsed<Parsed>(
        _ setting: Setting, _ parse: (String) -> Parsed?, expected: String
    ) -> Parsed? {
        guard let given = values[setting] else { return nil }
        if let parsed = parse(given.text) { return parsed }
        if given.isBareName {
            values.ignore(setting, because: "\"\(given.text)\" is not \(expected)")
        } else {
            fault("\(given.source): \"\(given.text)\" is not \(expected)")
        }
        return nil
    }

    mutating func number(_ setting: Setting, in range: ClosedRange<Int>) -> Int? {
        parsed(
            setting, { Int($0).flatMap { range.contains($0) ? $0 : nil } },
            expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    }

    mutating func boolean(_ setting: Setting) -> Bool? {
        parsed(
            setting,
            { text in
                switch text.lowercased() {
                case "1", "true", "yes", "on": true
                case "0", "false", "no", "not", "off": false
                default: nil
                }
            }, expected: "one of true, false, yes, no, on, off, 1, 0")
    }

    mutating func networks(_ setting: Setting) -> [IPNetwork] {
        parsed(
            setting,
            { text in
                let parts = text.split { $0 == "," || $0 == " " }
                let networks = parts.compactMap { IPNetwork(String($0)) }
                return networks.count == parts.count ? networks : nil
            }, expected: "a list of addresses and networks such as 127.0.0.1,10.0.0.0/8") ?? []
    }

    /// Origins of other sites, as browsers name them.
    mutating func origins(_ setting: Setting) -> [String] {
        parsed(
            setting,
            { text in
                let parts = text.split { $0 == "," || $0 == " " }
                let origins = parts.compactMap { PublicAddress(parsing: String($0)) }
                    .filter(\.prefixSegments.isEmpty).map(\.origin)
                return origins.count == parts.count ? origins : nil
            }, expected: "a list of origins such as https://tools.example.org") ?? []
    }

    /// Names of hosts, which need the address of the host with our pages.
    mutating func hosts(_ setting: Setting, beside address: PublicAddress?) -> [String] {
        let hosts = parsed(
            setting,
            { text in
                let parts = text.split { $0 == "," || $0 == " " }
                let hosts = parts.compactMap { PublicAddress.validHost(String($0)) }
                return hosts.count == parts.count ? hosts : nil
            }, expected: "a list of host names such as tools.example.org,reports.example.org:8443")
        guard let hosts, !hosts.isEmpty, let source = values[setting]?.source else { return [] }
        if let address {
            if let refusal = address.refusal(ofSiteHosts: hosts) { fault("\(source): \(refusal)") }
        } else if values[.host] == nil {
            fault("\(source) needs LABEL_STUDIO_HOST: the public address, such as https://example.org")
        }
        return hosts
    }

    mutating func logLevel() -> Event.Level? {
        parsed(
            .logLevel,
            { text in
                switch text.uppercased() {
                case "DEBUG": .debug
                case "INFO": .info
                case "WARNING": .warning
                case "ERROR", "CRITICAL": .error
                default: nil
                }
            }, expected: "DEBUG, INFO, WARNING or ERROR")
    }

    static func cookieName(_ text: String) -> String? {
        let isName = text.utf8.allSatisfy { byte in
            Character(Unicode.Scalar(byte)).isLetter && byte < 0x80
                || Character(Unicode.Scalar(byte)).isNumber && byte < 0x80
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
        // These would collide, or promise what only https can keep.
        let isFree = text != "csrftoken" && !text.hasPrefix("__")
        return isName && isFree ? text : nil
    }

    /// The account that user name and password ask for; both are needed.
    mutating func account(passwordMinimum: Int) -> Configuration.ProvisionedAccount? {
        dropStrayBareNames()
        guard let username = values[.username] else {
            for given in [values[.password], values[.userToken]] {
                if let given, !given.isBareName {
                    fault("\(given.source) needs a user name: --username or LABEL_STUDIO_USERNAME")
                }
            }
            return nil
        }
        guard let password = values[.password] else {
            fault("\(username.source) needs a password: --password or LABEL_STUDIO_PASSWORD")
            return nil
        }
        let email = emailAddress(username)
        let chosen = newPassword(password, minimum: passwordMinimum, knowing: [username.text])
        let token = apiToken()
        guard let email, let chosen else { return nil }
        return Configuration.ProvisionedAccount(email: email, password: chosen, token: token)
    }

    /// Desktops set `USERNAME`: without a password, or if it is no address, it
    /// was not meant for us.
    private mutating func dropStrayBareNames() {
        if let username = values[.username], username.isBareName {
            if values[.password] == nil {
                values.drop(.username)
            } else if (try? EmailAddress(parsing: username.text)) == nil {
                values.ignore(.username, because: "\"\(username.text)\" is not an e-mail address")
            }
        }
    }

    private mutating func emailAddress(_ given: SettingValues.Given) -> EmailAddress? {
        do {
            return try EmailAddress(parsing: given.text)
        } catch {
            fault("\(given.source): \"\(given.text)\" is not an e-mail address such as name@example.com")
            return nil
        }
    }

    private mutating func newPassword(
        _ given: SettingValues.Given, minimum: Int, knowing words: [String]
    ) -> Password? {
        let text = given.text == "-" ? Terminal.readSecret(prompt: "Password:") : given.text
        do {
            return try Password(new: text, minimum: minimum, knowing: words)
        } catch {
            fault("\(given.source): \(passwordRule(error, minimum: minimum))")
            return nil
        }
    }

    private mutating func apiToken() -> APIToken? {
        guard let given = values[.userToken] else { return nil }
        do {
            return try APIToken(parsing: given.text)
        } catch {
            // The value stays out of the message: it may be a secret in use.
            let lengths = APIToken.lengths
            switch error {
            case .tooShort, .tooLong:
                fault(
                    "\(given.source): the token has \(given.text.utf8.count) characters; it needs \(lengths.lowerBound) to \(lengths.upperBound)"
                )
            case .unusableCharacter:
                fault("\(given.source): the token may hold visible ASCII characters only, and no spaces")
            }
            return nil
        }
    }

    mutating func resources() -> Resources {
        if let given = values[.resources] {
            if let resources = Resources(directory: given.text) { return resources }
            fault("\(given.source): \(given.text) does not hold the directories templates and nginx")
        } else if let resources = Resources.find() {
            return resources
        } else {
            fault("the directories templates and nginx were not found: set LABEL_STUDIO_RESOURCES")
        }
        return Resources.none
    }
}

/// Why a password is refused, as the command line says it.
func passwordRule(_ problem: Password.Problem, minimum: Int) -> String {
    switch problem {
    case .missing: "the password is empty"
    case .tooShort: "the password is too short; it needs at least \(minimum) characters"
    case .tooLong: "the password is too long; it may have at most \(Password.maximumLength) bytes"
    case .containsNUL: "the password may not contain a NUL character"
    case .weak(let weakness):
        "the password is easily guessed: \(reason(weakness)); choose another, such as several unrelated words"
    }
}

private func reason(_ weakness: Weakness) -> String {
    switch weakness {
    case .aboutYou: "it is made of the user name or the name of this site"
    case .commonPassword: "many people use it"
    case .commonWords: "it is made of common words"
    case .repeated: "it repeats itself"
    case .sequence: "it is a row like abc or 123"
    case .keyboardPattern: "it is a walk over the keyboard"
    case .date: "it is a date or a year"
    case .guessable: "it is too short or too simple"
    }
}

import Foundation
import HTTP
import Testing
import Web

@testable import Accounts
@testable import LabelStudio

/// What `label-studio fastcgi` makes of its settings.
struct ConfigurationTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    static let resources = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private func configuration(
        _ flags: [Setting: String] = [:], _ environment: [String: String] = [:]
    ) throws(Configuration.Faults) -> Configuration {
        var environment = ["HOME": directory.path, "LABEL_STUDIO_RESOURCES": Self.resources]
            .merging(environment) { $1 }
        environment = environment.filter { $0.value != "(unset)" }
        return try Configuration(command: .fastcgi, flags: flags, environment: environment)
    }

    private func faults(_ flags: [Setting: String] = [:], _ environment: [String: String] = [:]) -> [String] {
        #expect(throws: Configuration.Faults.self) { try configuration(flags, environment) }?.lines ?? []
    }

    @Test func `without settings everything has its default`() throws {
        let configuration = try configuration()
        #expect(configuration.port == 8080)
        #expect(configuration.listenAddress == "0.0.0.0")
        #expect(configuration.publicAddress == nil)
        #expect(configuration.isSignUpOpen)
        #expect(configuration.passwordMinimum == 8)
        #expect(configuration.sessionCookieName == "sessionid")
        #expect(configuration.logLevel == .info)
        #expect(configuration.opensBrowser)
        #expect(configuration.account == nil)
        #expect(configuration.socket == nil)
        #expect(configuration.trustedProxies.isEmpty)
        #expect(configuration.dataDirectory == directory.path + "/.local/share/label-studio")
        #expect(configuration.database == configuration.dataDirectory + "/accounts.sqlite3")
        #expect(configuration.keyFile == configuration.dataDirectory + "/accounts.key")
        #expect(configuration.warnings == [])
    }

    @Test(
        arguments: [
            (["LABEL_STUDIO_PORT": "1", "HEARTEX_PORT": "2", "PORT": "3"], 1),
            (["HEARTEX_PORT": "2", "PORT": "3"], 2),
            (["PORT": "3"], 3),
            (["PORT": ""], 8080),
            // The first that is set wins, even if it is empty; empty means unset.
            (["LABEL_STUDIO_PORT": "", "HEARTEX_PORT": "2"], 2),
            (["LABEL_STUDIO_PORT": "65535"], 65_535),
        ] as [([String: String], UInt16)])
    func `a prefix goes before another, and empty means unset`(environment: [String: String], port: UInt16)
        throws
    {
        #expect(try configuration([:], environment).port == port)
    }

    @Test func `a flag wins over every variable`() throws {
        let environment = ["LABEL_STUDIO_PORT": "1", "LABEL_STUDIO_LOG_LEVEL": "ERROR"]
        let configuration = try configuration([.port: "9", .logLevel: "debug"], environment)
        #expect(configuration.port == 9)
        #expect(configuration.logLevel == .debug)
    }

    @Test(arguments: [
        ("true", false), ("TRUE", false), ("yes", false), ("on", false), ("1", false), ("false", true),
        ("No", true),
        ("not", true), ("off", true), ("0", true), ("", true),
    ])
    func `a switch can be written in many ways`(text: String, isSignUpOpen: Bool) throws {
        let name = "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK"
        #expect(try configuration([:], [name: text]).isSignUpOpen == isSignUpOpen)
    }

    @Test(arguments: [
        ("LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK", "maybe", "one of true, false, yes, no, on, off, 1, 0"),
        ("HEARTEX_DISABLE_SIGNUP_WITHOUT_LINK", " true", "one of true, false, yes, no, on, off, 1, 0"),
        ("LABEL_STUDIO_PORT", "0", "a number from 1 to 65535"),
        ("LABEL_STUDIO_PORT", "65536", "a number from 1 to 65535"),
        ("HEARTEX_PORT", "http", "a number from 1 to 65535"),
        ("LABEL_STUDIO_PASSWORD_MIN_LENGTH", "7", "a number from 8 to 128"),
        (
            "LABEL_STUDIO_HOST", "example.org",
            "an address such as https://example.org or http://example.org:8080/labels"
        ),
        ("LABEL_STUDIO_INTERNAL_HOST", "example.org", "an IP address such as 0.0.0.0 or 127.0.0.1"),
        ("LABEL_STUDIO_LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING or ERROR"),
        (
            "LABEL_STUDIO_TRUSTED_PROXIES", "127.0.0.1,proxy",
            "a list of addresses and networks such as 127.0.0.1,10.0.0.0/8"
        ),
        ("LABEL_STUDIO_SESSION_COOKIE_NAME", "a;b", "letters, digits, - and _"),
        ("LABEL_STUDIO_CORS_ALLOWED_ORIGINS", "*", "a list of origins such as https://tools.example.org"),
        (
            "HEARTEX_CORS_ALLOWED_ORIGINS", "https://a.example/tool",
            "a list of origins such as https://tools.example.org"
        ),
    ])
    func `a value that does not parse is a fault that names variable, value and what is allowed`(
        name: String, value: String, allowed: String
    ) {
        #expect(faults([:], [name: value]) == ["\(name): \"\(value)\" is not \(allowed)"])
    }

    @Test func `a fault of a flag names the flag`() {
        #expect(faults([.port: "x"]) == ["--port: \"x\" is not a number from 1 to 65535"])
        #expect(faults([.port: ""]) == ["--port: \"\" is not a number from 1 to 65535"])
    }

    @Test(arguments: [
        ("HOST", "my-machine"), ("PORT", "tcp://10.0.0.1:80"), ("LOG_LEVEL", "trace"), ("INTERNAL_HOST", "x"),
    ])
    func `a bare name that does not parse is ignored with a line`(name: String, value: String) throws {
        let configuration = try configuration([:], [name: value])
        #expect(configuration.warnings.count == 1)
        #expect(configuration.warnings.first?.hasPrefix("\(name) is ignored: \"\(value)\" is not ") == true)
        #expect(configuration.publicAddress == nil)
        #expect(configuration.port == 8080)
    }

    @Test func `all faults are gathered`() {
        let lines = faults(
            [.port: "x"],
            [
                "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "maybe", "LABEL_STUDIO_HOST": "ftp://x",
                "LABEL_STUDIO_USERNAME": "admin", "LABEL_STUDIO_PASSWORD": "short",
                "LABEL_STUDIO_USER_TOKEN": "abcd",
                "LABEL_STUDIO_RESOURCES": directory.path, "HOME": "(unset)",
            ])
        for source in [
            "--port", "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK", "LABEL_STUDIO_HOST",
            "LABEL_STUDIO_USERNAME",
            "LABEL_STUDIO_PASSWORD", "LABEL_STUDIO_USER_TOKEN", "LABEL_STUDIO_RESOURCES",
            "there is no home directory",
        ] {
            #expect(lines.count { $0.hasPrefix(source) } == 1, "\(source): \(lines)")
        }
        #expect(lines.count == 8)
    }

    @Test func `an account needs a name and a password, and may have a token`() throws {
        let environment = [
            "LABEL_STUDIO_USERNAME": " Admin@Example.com ", "LABEL_STUDIO_PASSWORD": "correct horse",
            "LABEL_STUDIO_USER_TOKEN": "abcde",
        ]
        let account = try #require(try configuration([:], environment).account)
        #expect(account.email.text == "admin@example.com")
        #expect(account.password.text == "correct horse")
        #expect(account.token?.text == "abcde")
        #expect(
            try configuration([:], environment.merging(["LABEL_STUDIO_USER_TOKEN": ""]) { $1 }).account?.token
                == nil)
    }

    @Test func `bare names make an account too, if they are meant for us`() throws {
        let account = try configuration([:], ["USERNAME": "a@example.com", "PASSWORD": "correct horse"])
            .account
        #expect(account?.email.text == "a@example.com")
    }

    @Test(arguments: [
        ["USERNAME": "heidi"], ["USERNAME": "a@example.com"], ["PASSWORD": "x"], ["USERNAME": ""],
        ["USERNAME": "heidi", "PASSWORD": "x"],
    ])
    func `what desktops set makes no account and no fault`(environment: [String: String]) throws {
        #expect(try configuration([:], environment).account == nil)
    }

    @Test func `half an account is a fault`() {
        #expect(
            faults([:], ["LABEL_STUDIO_USERNAME": "a@example.com"])
                == ["LABEL_STUDIO_USERNAME needs a password: --password or LABEL_STUDIO_PASSWORD"])
        #expect(
            faults([:], ["LABEL_STUDIO_PASSWORD": "correct horse"])
                == ["LABEL_STUDIO_PASSWORD needs a user name: --username or LABEL_STUDIO_USERNAME"])
        #expect(
            faults([.username: "a@example.com"]) == [
                "--username needs a password: --password or LABEL_STUDIO_PASSWORD"
            ])
    }

    @Test(arguments: [
        ("1234567", "the password is too short; it needs at least 8 characters"),
        (String(repeating: "x", count: 1025), "the password is too long; it may have at most 1024 bytes"),
        ("12345678\0", "the password may not contain a NUL character"),
    ])
    func `a password against the rule is a fault, and is not shown`(password: String, rule: String) {
        let lines = faults(
            [:], ["LABEL_STUDIO_USERNAME": "a@example.com", "LABEL_STUDIO_PASSWORD": password])
        #expect(lines == ["LABEL_STUDIO_PASSWORD: \(rule)"])
    }

    @Test(arguments: [
        ("abcd", "the token has 4 characters; it needs 5 to 60"),
        ("abc de", "the token may hold visible ASCII characters only, and no spaces"),
        (String(repeating: "x", count: 61), "the token has 61 characters; it needs 5 to 60"),
    ])
    func `a token against the rule is a fault, and is not shown`(token: String, rule: String) {
        let lines = faults([.username: "a@example.com", .password: "correct horse", .userToken: token])
        #expect(lines == ["--user-token: \(rule)"])
    }

    @Test func `the operator's minimum counts for the account as well`() {
        let environment = [
            "LABEL_STUDIO_USERNAME": "a@example.com", "LABEL_STUDIO_PASSWORD": "correct horse",
            "LABEL_STUDIO_PASSWORD_MIN_LENGTH": "15",
        ]
        #expect(
            faults([:], environment)
                == ["LABEL_STUDIO_PASSWORD: the password is too short; it needs at least 15 characters"])
    }

    @Test(arguments: [
        ("LABEL_STUDIO_PROT", "LABEL_STUDIO_PORT"),
        ("LABEL_STUDIO_USER_NAME", "LABEL_STUDIO_USERNAME"),
        ("LABEL_STUDIO_LOGLEVEL", "LABEL_STUDIO_LOG_LEVEL"),
        ("LABEL_STUDIO_TRUSTED_PROXY", "LABEL_STUDIO_TRUSTED_PROXIES"),
    ])
    func `an unknown variable is a warning with the nearest name`(name: String, nearest: String) throws {
        #expect(
            try configuration([:], [name: "x"]).warnings == [
                "\(name) is not a setting; did you mean \(nearest)?"
            ])
    }

    @Test(arguments: [
        "USE_ENFORCE_CSRF_CHECKS", "ENABLE_CSP", "DEBUG", "CORS_ALLOW_ALL_ORIGINS",
    ])
    func `a switch that would weaken it has no effect, with a warning`(name: String) throws {
        #expect(
            try configuration([:], ["LABEL_STUDIO_\(name)": "false"]).warnings
                == ["LABEL_STUDIO_\(name) has no effect here"])
    }

    @Test func `places follow each other`() throws {
        #expect(try configuration([:], ["XDG_DATA_HOME": "/x"]).dataDirectory == "/x/label-studio")
        let configuration = try configuration([.dataDirectory: "/d"], ["XDG_DATA_HOME": "/x"])
        #expect(configuration.dataDirectory == "/d")
        #expect(configuration.database == "/d/accounts.sqlite3")
        #expect(configuration.keyFile == "/d/accounts.key")
        let other = try self.configuration(
            [.dataDirectory: "/d", .database: "/e/f.sqlite3"], ["LABEL_STUDIO_KEY_FILE": "/k"])
        #expect(other.database == "/e/f.sqlite3")
        #expect(other.keyFile == "/k")
    }

    @Test func `the key that systemd hands over is taken if it is there`() throws {
        let environment = ["CREDENTIALS_DIRECTORY": directory.path]
        #expect(try configuration([.dataDirectory: "/d"], environment).keyFile == "/d/accounts.key")
        let set = environment.merging(["LABEL_STUDIO_KEY_FILE": "/k"]) { $1 }
        #expect(try configuration([.dataDirectory: "/d"], set).keyFile == "/k")
        let key = try directory.write("label-studio_key", "x")
        #expect(try configuration([.dataDirectory: "/d"], environment).keyFile == key)
        // That file is for those whom systemd hands nothing.
        #expect(try configuration([.dataDirectory: "/d"], set).keyFile == key)
    }

    @Test func `the first account can come as credentials, which win over variables`() throws {
        _ = try directory.write("label-studio_username", "credential@example.com\n")
        _ = try directory.write("label-studio_password", "correct horse battery\n")
        _ = try directory.write("label-studio_user-token", "token-of-a-credential")
        let environment = [
            "CREDENTIALS_DIRECTORY": directory.path, "LABEL_STUDIO_USERNAME": "variable@example.com",
            "LABEL_STUDIO_PASSWORD": "another good password",
        ]
        let account = try #require(try configuration([:], environment).account)
        #expect(account.email.text == "credential@example.com")
        #expect(account.password.text == "correct horse battery")
        #expect(account.token?.text == "token-of-a-credential")
    }

    @Test func `a fault in a credential names the credential`() throws {
        _ = try directory.write("label-studio_username", "credential@example.com")
        _ = try directory.write("label-studio_password", "short")
        let lines = faults([:], ["CREDENTIALS_DIRECTORY": directory.path])
        #expect(lines.contains { $0.hasPrefix("credential label-studio_password") })
    }

    @Test func `trusted proxies are a list of addresses and networks`() throws {
        let networks = try configuration([:], ["LABEL_STUDIO_TRUSTED_PROXIES": "127.0.0.1, ::1,10.0.0.0/8"])
            .trustedProxies
        #expect(networks.count == 3)
        let inside = try #require(IPAddress("10.1.2.3"))
        #expect(networks[2].contains(inside))
    }

    @Test(arguments: ["LABEL_STUDIO_CORS_ALLOWED_ORIGINS", "CORS_ALLOWED_ORIGINS"])
    func `sites whose pages may call the API are named as browsers name them`(variable: String) throws {
        let origins = try configuration([:], [variable: "https://Tools.example:443, http://localhost:3000/"])
            .allowedOrigins
        #expect(origins == ["https://tools.example", "http://localhost:3000"])
        #expect(try configuration([:], [:]).allowedOrigins.isEmpty)
    }

    @Test func `other hosts of ours are named by their names`() throws {
        let home = ["LABEL_STUDIO_HOST": "https://labels.example.org"]
        let hosts = ["LABEL_STUDIO_SITE_HOSTS": "tools.example.org, reports.example.org:8443"]
        #expect(
            try configuration([:], home.merging(hosts) { $1 }).siteHosts
                == ["tools.example.org", "reports.example.org:8443"])
        #expect(try configuration([:], home).siteHosts.isEmpty)
        #expect(
            faults([:], hosts) == [
                "LABEL_STUDIO_SITE_HOSTS needs LABEL_STUDIO_HOST: the public address, such as https://example.org"
            ])
        let same = ["LABEL_STUDIO_SITE_HOSTS": "labels.example.org:8443"]
        #expect(
            faults([:], home.merging(same) { $1 }).first?.hasPrefix(
                "LABEL_STUDIO_SITE_HOSTS: labels.example.org:8443 has the name of the host of LABEL_STUDIO_HOST"
            )
                ?? false)
        // One fault is told once.
        #expect(faults([:], hosts.merging(["LABEL_STUDIO_HOST": "labels"]) { $1 }).count == 1)
        for value in ["https://tools.example.org", "tools.example.org/x", "tools example.org:x", "*"] {
            #expect(
                faults([:], home.merging(["LABEL_STUDIO_SITE_HOSTS": value]) { $1 }).first?.hasSuffix(
                    "is not a list of host names such as tools.example.org,reports.example.org:8443")
                    ?? false,
                "\(value)")
        }
    }

    @Test func `a file of settings comes after the flags and before the environment`() throws {
        let path = try directory.write(
            "config.json",
            #"{"username": "a@example.com", "password": "correct horse", "port": 7, "log_level": "ERROR"}"#)
        let configuration = try configuration(
            [.configFile: path, .logLevel: "INFO"],
            ["LABEL_STUDIO_PORT": "9", "LABEL_STUDIO_USERNAME": "b@example.com"])
        #expect(configuration.account?.email.text == "a@example.com")
        #expect(configuration.port == 7)
        #expect(configuration.logLevel == .info)
    }

    @Test(arguments: [
        ("{", "is not JSON"), ("[]", "there must be one object with settings"),
        (#"{"prot": 1}"#, #""prot" is not a setting"#),
        (#"{"port": [1]}"#, #""port" must be a text, a number, true or false"#),
        (#"{"port": "x"}"#, #""x" is not a number from 1 to 65535"#),
    ])
    func `a file of settings with a fault is refused by name`(content: String, fault: String) throws {
        let path = try directory.write("config.json", content)
        let lines = faults([.configFile: path])
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix(path) == true)
        #expect(lines.first?.contains(fault) == true)
    }
}

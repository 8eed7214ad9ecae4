import Testing
import Web

@testable import LabelStudio

/// What is expected here was compared with what systemd 252 makes of the same
/// text, on this and on 190,000 random ones.
struct EnvironmentFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func lines(_ text: String) -> EnvironmentFileLines {
        var lines = EnvironmentFileLines()
        lines.read(Array(text.utf8))
        return lines
    }

    @Test(arguments: [
        ("A=b", ["A": "b"]), ("A=b\n", ["A": "b"]), ("\n\n A = b \t\n", ["A": "b"]),
        ("A=\nB=\n", ["A": "", "B": ""]), ("A=b\r\nC=d\r\n", ["A": "b", "C": "d"]),
        ("# A=b\n; C=d\n  # E=f\nG=h", ["G": "h"]),
        ("A=b # no comment", ["A": "b # no comment"]), ("A=b  c", ["A": "b  c"]),
        ("A=x=y", ["A": "x=y"]), ("A=1\nA=2", ["A": "2"]),
        // Single quotes: everything stands for itself.
        ("A='b c '", ["A": "b c "]), (#"A='\n"$x'"#, ["A": #"\n"$x"#]),
        ("A='b\nc'\nD=e", ["A": "b\nc", "D": "e"]),
        // Double quotes: the backslash stands before ", \, ` and $ only.
        (#"A="b \" \\ \` \$ \n ' ""#, ["A": #"b " \ ` $ \n ' "#]), ("A=\"b\\\nc\"", ["A": "bc"]),
        ("A=\"b\nc\"", ["A": "b\nc"]), (#"A="b # c""#, ["A": "b # c"]),
        // Quotes begin a value; further on they stand for themselves.
        (#"A='b'"c""#, ["A": "bc"]), (#"A='b' c"#, ["A": "bc"]), (#"A=b'c'"#, ["A": "b'c'"]),
        (#"A=b"c"#, ["A": #"b"c"#]), ("A=' b ' ", ["A": " b "]), ("A=''", ["A": ""]),
        // Without quotes the backslash stands before everything.
        (#"A=b\ \c\\d\'e\ "#, ["A": #"b c\d'e "#]), (#"A=\"b"#, ["A": #""b"#]), (#"A=b \x "#, ["A": "b x"]),
        ("A=b\\\nc\nD=e", ["A": "bc", "D": "e"]), ("A=b \\\n", ["A": "b "]),
        ("A=é😀\u{301}", ["A": "é😀\u{301}"]), ("a_1=x", ["a_1": "x"]),
        ("# it ends with \\\\\nA=b", ["A": "b"]),
    ])
    func `the text is read as systemd reads it`(text: String, variables: [String: String]) {
        let lines = lines(text)
        #expect(lines.variables == variables)
        #expect(lines.faults.map(\.reason) == [])
    }

    @Test(arguments: [
        ("A=b\nhello\n", 2, "there is no = in it; comments begin with # or ;"),
        ("hello", 1, "there is no = in it; comments begin with # or ;"),
        ("\nexport A=b", 2, "the name of a variable is made of letters, digits and _"),
        ("=b", 1, "the name of a variable is made of letters, digits and _"),
        ("1A=b", 1, "the name of a variable is made of letters, digits and _"),
        ("\u{feff}A=b", 1, "the name of a variable is made of letters, digits and _"),
        ("É=b", 1, "the name of a variable is made of letters, digits and _"),
        ("A=b\nC='d\n\n", 2, "the quotes do not end"), ("A=\"b", 1, "the quotes do not end"),
        (#"A="b\"#, 1, "the quotes do not end"), ("A=b\\", 1, "there is no line after the \\ at its end"),
        ("# b \\\nA=c", 1, "a comment may not end with \\"),
        ("A=b\0c", 1, "the value of A is not UTF-8 text"),
    ])
    func `what systemd drops, or reads in two ways, is a fault of a line`(
        text: String, line: Int, reason: String
    ) {
        let faults = lines(text).faults
        #expect(faults.map(\.line) == [line])
        #expect(faults.map(\.reason) == [reason])
    }

    @Test func `bytes that are no text are a fault`() {
        var lines = EnvironmentFileLines()
        lines.read(Array("A=1\nB=".utf8) + [0xff])
        #expect(lines.faults.map(\.line) == [2])
        #expect(lines.variables == ["A": "1"])
    }

    private func configuration(
        _ text: String, _ flags: [Setting: String] = [:], _ environment: [String: String] = [:]
    ) throws -> Configuration {
        let path = try directory.write("label-studio.env", text)
        let environment = [
            "HOME": directory.path, "LABEL_STUDIO_RESOURCES": ConfigurationTests.resources,
            "LABEL_STUDIO_ENV_FILE": path,
        ].merging(environment) { $1 }
        return try Configuration(command: .fastcgi, flags: flags, environment: environment)
    }

    private func faults(_ text: String, _ environment: [String: String] = [:]) -> [String] {
        #expect(throws: Configuration.Faults.self) { try configuration(text, [:], environment) }?.lines ?? []
    }

    @Test func `the file wins over the environment, and a flag over both`() throws {
        let environment = [
            "LABEL_STUDIO_PORT": "1", "LABEL_STUDIO_AUDIT_DAYS": "2", "LABEL_STUDIO_LOG_LEVEL": "ERROR",
        ]
        let configuration = try configuration(
            "LABEL_STUDIO_PORT=3\nLABEL_STUDIO_LOG_LEVEL=DEBUG\nLABEL_STUDIO_AUDIT_DAYS=\nPATH=/nowhere\n",
            [.logLevel: "WARNING"], environment)
        #expect(configuration.port == 3)
        #expect(configuration.logLevel == .warning)
        // Empty means unset, there too.
        #expect(configuration.auditDays == 90)
        #expect(configuration.warnings == [])
    }

    @Test func `a flag names the file, and the file a file of settings`() throws {
        let settings = try directory.write("settings.json", #"{"port": 7}"#)
        let path = try directory.write("other.env", "LABEL_STUDIO_CONFIG=\(settings)\nLABEL_STUDIO_PORT=8\n")
        #expect(try configuration("LABEL_STUDIO_PORT=9", [.environmentFile: path]).port == 7)
    }

    @Test func `who reads the configuration again reads the file again`() throws {
        #expect(try configuration("LABEL_STUDIO_PORT=1").port == 1)
        #expect(try configuration("LABEL_STUDIO_PORT=2").port == 2)
    }

    @Test func `faults and warnings name the file`() throws {
        let path = directory.path + "/label-studio.env"
        #expect(
            faults("LABEL_STUDIO_PORT=x\n") == [
                "\(path): LABEL_STUDIO_PORT: \"x\" is not a number from 1 to 65535"
            ])
        #expect(
            faults("\noops\nLABEL_STUDIO_ENV_FILE=/x\n") == [
                "\(path), line 2: there is no = in it; comments begin with # or ;",
                "\(path): LABEL_STUDIO_ENV_FILE cannot name another file",
            ])
        #expect(
            try configuration("LABEL_STUDIO_PROT=1\nLABEL_STUDIO_DEBUG=1\n").warnings == [
                "\(path): LABEL_STUDIO_DEBUG has no effect here",
                "\(path): LABEL_STUDIO_PROT is not a setting; did you mean LABEL_STUDIO_PORT?",
            ])
        #expect(
            faults("", ["LABEL_STUDIO_ENV_FILE": "/nonexistent/x"]) == [
                "/nonexistent/x: No such file or directory"
            ])
    }

    @Test func `a file of settings cannot name it`() throws {
        let settings = try directory.write("settings.json", #"{"env_file": "x"}"#)
        #expect(faults("LABEL_STUDIO_CONFIG=\(settings)") == ["\(settings): \"env_file\" is not a setting"])
    }

    @Test(
        arguments: [
            (Command.user, [:], [:], true), (.backup, [:], ["PATH": "/bin", "LABEL_STUDIO_PORT": "1"], true),
            (.start, [:], [:], false), (.fastcgi, [:], [:], false), (.version, [:], [:], false),
            (.user, [.dataDirectory: "/d"], [:], false), (.user, [.database: "/d"], [:], false),
            (.user, [.configFile: "/d"], [:], false), (.user, [.environmentFile: "/d"], [:], false),
            (.user, [:], ["LABEL_STUDIO_BASE_DATA_DIR": "/d"], false),
            (.user, [:], ["BASE_DATA_DIR": "/d"], false),
            (.user, [:], ["LABEL_STUDIO_DATABASE_NAME": "/d"], false),
            (.user, [:], ["LABEL_STUDIO_CONFIG": "/d"], false),
            (.user, [:], ["LABEL_STUDIO_BASE_DATA_DIR": ""], true),
        ] as [(Command, [Setting: String], [String: String], Bool)])
    func `root's administration commands use the file of the service, if nothing names another place`(
        command: Command, flags: [Setting: String], environment: [String: String], isUsed: Bool
    ) throws {
        let path = try directory.write("label-studio.env", "")
        let result = PackagedService(environmentFile: path, isSuperuser: true)
            .environment(for: command, flags: flags, over: environment)
        #expect(result["LABEL_STUDIO_ENV_FILE"] == (isUsed ? path : nil))
        for other in [
            PackagedService(environmentFile: path, isSuperuser: false),
            PackagedService(environmentFile: path + "x", isSuperuser: true),
        ] {
            #expect(other.environment(for: command, flags: flags, over: environment) == environment)
        }
    }
}

// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is held to the same rules; CONTRIBUTING.md says why.
let rules: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: rules)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, exclude: exclude,
        swiftSettings: rules)
}

let package = Package(
    name: "label-studio-accounts",
    products: [.executable(name: "label-studio", targets: ["LabelStudio"])],
    targets: [
        // C libraries, one to a target.
        .systemLibrary(name: "CCmark"),
        .systemLibrary(name: "CFastCGI"),
        .systemLibrary(name: "CGD"),
        .systemLibrary(name: "COpenSSL"),
        .systemLibrary(name: "CQRCode"),
        .systemLibrary(name: "CSQLite"),
        .systemLibrary(name: "CSodium"),
        .systemLibrary(name: "CZxcvbn"),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq"),
        .systemLibrary(name: "CArgp"),
        .systemLibrary(name: "CCurl"),
        .target(name: "CTLS", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "CTemplate", linkerSettings: [.linkedLibrary("ctemplate")]),

        // Leaves: they know nothing of the product.
        module("Threads"),
        module("HTTP"),
        module("Database"),
        module("KeyDerivation", ["COpenSSL"]),
        module("Markdown", ["CCmark"]),
        module("Metrics"),
        module("Limits", ["Threads"]),
        module("PasswordStrength", ["CZxcvbn"]),
        module("Photos", ["CGD"]),
        module("QRCodes", ["CQRCode"]),
        module("Secrets", ["CSodium"]),
        module("TLS", ["CTLS"]),
        module("Templates", ["CTemplate"]),

        // What the product is made of.
        module("JWT", ["HTTP", "Secrets"]),
        module("Upstream", ["CCurl", "HTTP", "JWT", "Secrets"]),
        module("SQLite", ["CSQLite", "Database", "Threads"]),
        module("PostgreSQL", ["CPostgreSQL", "Database", "Threads"]),
        module("FastCGI", ["CFastCGI", "HTTP", "Metrics", "Threads"]),
        module("Predecessor", ["Database"]),
        .target(
            name: "Accounts",
            dependencies: [
                "Database", "KeyDerivation", "Limits", "PasswordStrength", "Photos", "Predecessor", "Secrets",
            ],
            resources: [.embedInCode("Migrations")], swiftSettings: rules),
        module("Enrollment", ["Accounts", "Upstream"]),
        module(
            "Web",
            [
                "Accounts", "Enrollment", "HTTP", "JWT", "Limits", "Markdown", "PasswordStrength", "Photos",
                "QRCodes",
                "Secrets", "Templates", "Threads", "Upstream",
            ]),
        .executableTarget(
            name: "LabelStudio",
            dependencies: [
                "Accounts", "CArgp", "Database", "Enrollment", "FastCGI", "HTTP", "Metrics",
                "PasswordStrength", "Photos", "PostgreSQL", "Predecessor", "SQLite", "Secrets", "TLS",
                "Templates", "Threads", "Upstream", "Web",
            ],
            swiftSettings: rules),

        // A server for the tests of two targets.
        .target(
            name: "PostgreSQLServer", dependencies: ["PostgreSQL"], path: "Tests/PostgreSQLServer",
            swiftSettings: rules),

        // A server for the tests of whatever talks to a Label Studio.
        .target(name: "Measuring", path: "Tests/Measuring", swiftSettings: rules),
        .target(
            name: "CannedServer", dependencies: ["HTTP", "JWT", "Secrets", "Threads"],
            path: "Tests/CannedServer", swiftSettings: rules),

        tests(of: "Threads"),
        tests(of: "HTTP"),
        tests(of: "KeyDerivation"),
        tests(of: "Markdown"),
        tests(of: "Metrics"),
        tests(of: "Limits", ["Threads"]),
        tests(of: "PasswordStrength", ["Measuring", "Threads"]),
        tests(of: "Photos", ["CGD"]),
        tests(of: "QRCodes"),
        tests(of: "Secrets"),
        tests(of: "Templates"),
        tests(of: "JWT", ["HTTP", "Secrets"]),
        tests(of: "Upstream", ["CannedServer", "HTTP", "JWT", "Secrets", "Threads"]),
        tests(of: "SQLite", ["Database", "Threads"]),
        tests(of: "PostgreSQL", ["Database", "PostgreSQLServer", "Threads"]),
        tests(of: "FastCGI", ["HTTP", "Threads"]),
        tests(
            of: "Accounts",
            [
                "Database", "Measuring", "Photos", "PostgreSQL", "PostgreSQLServer", "Predecessor", "SQLite",
                "Secrets",
                "Threads",
            ]),
        tests(
            of: "Enrollment",
            ["Accounts", "CannedServer", "Database", "SQLite", "Secrets", "Threads", "Upstream"]),
        tests(
            of: "Web",
            [
                "Accounts", "CannedServer", "Database", "Enrollment", "HTTP", "JWT", "Photos", "SQLite",
                "Secrets", "Templates", "Upstream",
            ],
            exclude: ["Transcripts", "record"]),
        tests(
            of: "LabelStudio",
            [
                "Accounts", "CannedServer", "Enrollment", "HTTP", "SQLite", "Secrets", "Threads", "Upstream",
                "Web",
            ]),
    ],
    cxxLanguageStandard: .cxx17
)

import PostgreSQLServer
import Testing

/// One server for all tests of a suite.
struct SharedServer: SuiteTrait, TestScoping {
    @TaskLocal private static var current: PostgreSQLServer?

    static var server: PostgreSQLServer {
        get throws { try #require(current) }
    }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Self.$current.withValue(PostgreSQLServer()) { try await function() }
    }
}

extension Trait where Self == SharedServer {
    static var sharedServer: Self { Self() }
}

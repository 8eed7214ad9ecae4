internal import Database
internal import Metrics
internal import Threads

/// A database, and how long it takes.
final class MeasuredDatabase: Database {
    private let base: any Database
    private let measured = Locked(Times())

    struct Times: Sendable {
        /// Queries that change nothing.
        var reads = Histogram()
        /// Transactions, waiting for the one before included.
        var writes = Histogram()
    }

    init(_ base: any Database) {
        self.base = base
    }

    var times: Times { measured.withLock { $0 } }

    var dialect: Dialect { base.dialect }

    func read<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        let stopwatch = Stopwatch()
        defer {
            let nanoseconds = stopwatch.nanoseconds
            measured.withLock { $0.reads.add(nanoseconds: nanoseconds) }
        }
        return try base.read(body)
    }

    @discardableResult
    func write<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        try measuringWrite { try base.write(body) }
    }

    func writeIfFree<Result>(_ body: (any Connection) throws -> Result) throws -> Result? {
        try measuringWrite { try base.writeIfFree(body) }
    }

    private func measuringWrite<Result>(_ write: () throws -> Result) throws -> Result {
        let stopwatch = Stopwatch()
        defer {
            let nanoseconds = stopwatch.nanoseconds
            measured.withLock { $0.writes.add(nanoseconds: nanoseconds) }
        }
        return try write()
    }

    func checkWritable() throws {
        try base.checkWritable()
    }
}

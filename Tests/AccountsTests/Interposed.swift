import Database
import SQLite
import Synchronization
import Testing

@testable import Accounts

/// A database that does something else right before its next transaction:
/// what another request might do in between.
final class Interposed: Database {
    private let database: any Database
    private let act: @Sendable () throws -> Void
    /// 0: not yet; 1: at the next write; 2: it has run.
    private let state = Atomic(0)

    init(_ database: any Database, _ act: @escaping @Sendable () throws -> Void) {
        self.database = database
        self.act = act
    }

    var dialect: Dialect { database.dialect }
    var hasRun: Bool { state.load(ordering: .sequentiallyConsistent) == 2 }

    func arm() {
        state.store(1, ordering: .sequentiallyConsistent)
    }

    func read<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        try database.read(body)
    }

    @discardableResult
    func write<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        if state.compareExchange(expected: 1, desired: 2, ordering: .sequentiallyConsistent).exchanged {
            try act()
        }
        return try database.write(body)
    }

    func writeIfFree<Result>(_ body: (any Connection) throws -> Result) throws -> Result? {
        try database.writeIfFree(body)
    }

    func checkWritable() throws {
        try database.checkWritable()
    }
}

func makeFile(_ path: String) throws -> SQLiteDatabase {
    try SQLiteDatabase(path: path, applicationID: 7)
}

internal import Database
internal import PostgreSQL
internal import Predecessor
internal import SQLite

/// The database of a Label Studio.
enum ImportSource {
    /// The path of its SQLite file.
    case file(String)
    case server(PostgreSQLAddress)

    init(_ operand: String) throws(Service.Failure) {
        guard PostgreSQLAddress.isMeant(by: operand) else {
            self = .file(operand)
            return
        }
        // Without what stands in it: it may hold a password.
        guard let address = PostgreSQLAddress(parsing: operand) else {
            throw Service.Failure(
                line:
                    "the address of the PostgreSQL is not understood; it is postgresql://USER@HOST/DATABASE, "
                    + "and in a password @ is written %40, / is %2F, : is %3A and % is %25")
        }
        self = .server(address)
    }

    /// Where that Label Studio keeps its key and its photos: beside the file.
    /// Beside a server there is nothing.
    var directory: String? {
        guard case .file(let path) = self else { return nil }
        return Files.directory(of: Files.absolute(path))
    }

    /// - Throws: `Service.Failure`.
    func read() throws -> Installation {
        switch self {
        case .file(let path): try Self.read(file: path)
        case .server(let address): try Self.read(server: address)
        }
    }

    private static func read(file path: String) throws -> Installation {
        do {
            if try !SQLiteDatabase.isAbsent(path: path, applicationID: Service.applicationID) {
                throw Service.Failure(
                    line: "\(path) is a database of this program; an import needs that of a Label Studio")
            }
        } catch is ForeignFile {
            // As it should be.
        }
        do {
            return try ForeignDatabase.read(path: path) { try Installation(reading: $0) }
        } catch let fault as ForeignDatabase.Fault {
            throw Service.Failure(line: "\(path) \(fault.sentence); nothing was imported")
        } catch let fault as ReadingFault {
            throw Service.Failure(line: "\(path) \(fault.sentence); nothing was imported")
        }
    }

    private static func read(server address: PostgreSQLAddress) throws -> Installation {
        do {
            return try PostgreSQLDatabase(address).snapshot { try Installation(reading: $0) }
        } catch let error as DatabaseError {
            throw Service.Failure(line: "the PostgreSQL database \(error.sentence); nothing was imported")
        } catch let fault as ReadingFault {
            throw Service.Failure(line: "the PostgreSQL database \(fault.sentence); nothing was imported")
        }
    }
}

private let lockedSentence = "is locked by another program; try again, or stop that program"

extension ForeignDatabase.Fault {
    fileprivate var sentence: String {
        switch self {
        case .unavailable(let reason): "cannot be read: \(reason)"
        case .notDatabase: "is not a database"
        case .locked: lockedSentence
        case .unfinished:
            "was left in the middle of a change, or cannot be read as it lies; "
                + "start that Label Studio once more, stop it, and try again"
        case .damaged(let reason): "is damaged: \(reason)"
        }
    }
}

extension DatabaseError {
    fileprivate var sentence: String {
        switch reason {
        case .busy: lockedSentence
        case .corrupt: "is damaged: \(message)"
        case .unavailable, .constraint, .storage, .other: "cannot be read: \(message)"
        }
    }
}

extension ReadingFault {
    var sentence: String {
        switch self {
        case .missing(let what):
            "is not a database of a Label Studio, or of a version that is not known here: "
                + "\(what) is missing"
        case .newer(let step):
            "was written by a newer version of Label Studio than \(Installation.newestVersion), "
                + "the newest that is known here (\(step))"
        case .damaged(let reason): "is damaged: \(reason)"
        case .empty: "holds no organization: nobody has an account there"
        }
    }
}

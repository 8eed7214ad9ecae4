internal import CPostgreSQL
internal import Database
internal import Glibc

/// One connection to a server, with its prepared statements.
///
/// Not for two threads at once: `PostgreSQLDatabase` hands it to one at a time.
@safe
final class PostgreSQLConnection: Connection {
    private let handle: OpaquePointer
    /// The names of the statements that are prepared.
    private var statements: [Query.Statement: String] = [:]

    var dialect: Dialect { .postgreSQL }

    /// `PQconnectdbParams`.
    init(_ address: PostgreSQLAddress) throws(DatabaseError) {
        // Of two settings the later one counts, and the address stands for all
        // that are in it.
        var settings = [("fallback_application_name", "label-studio")]
        // Else libpq waits as long as the system does: two minutes and more.
        if unsafe getenv("PGCONNECT_TIMEOUT") == nil { settings.append(("connect_timeout", "10")) }
        settings += [("dbname", address.text), ("client_encoding", "UTF8")]
        // A NULL ends each list.
        let names = try Arguments(settings.map { .text($0.0) } + [.null])
        let values = try Arguments(settings.map { .text($0.1) } + [.null])
        let opened = unsafe names.withPointers { names in
            unsafe values.withPointers { values in unsafe PQconnectdbParams(names, values, 1) }
        }
        guard let opened = unsafe opened else { throw DatabaseError(.unavailable, "PostgreSQL: no memory") }
        unsafe handle = opened
        guard unsafe PQstatus(handle) == CONNECTION_OK else {
            throw DatabaseError(.unavailable, "PostgreSQL: \(message())")
        }
        // They would go to standard error.
        unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
        // `ColumnType` relies on these.
        try runScript("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET bytea_output = 'hex'")
    }

    deinit {
        unsafe PQfinish(handle)
    }

    /// `PQexecPrepared`.
    @discardableResult
    func rows(_ query: Query) throws(DatabaseError) -> [Row] {
        let name = try prepared(query.statement)
        let arguments = try Arguments(query.parameters)
        let answer = unsafe Answer(
            arguments.withPointers { pointers in
                unsafe PQexecPrepared(
                    handle, name, Int32(pointers.count), pointers, arguments.lengths, arguments.formats, 0)
            })
        try check(answer)
        return try answer.rows()
    }

    func runScript(_ sql: String) throws(DatabaseError) {
        try check(unsafe Answer(PQexec(handle, sql)))
    }

    /// `COMMIT` of a transaction in which a statement has failed rolls it back,
    /// and is no error to PostgreSQL.
    func commit() throws(DatabaseError) {
        guard unsafe PQtransactionStatus(handle) != PQTRANS_INERROR else {
            throw DatabaseError(.other, "PostgreSQL: a statement of the transaction has failed")
        }
        try runScript("COMMIT")
    }

    /// `PQprepare`, once for each statement. The server finds out the types of
    /// the parameters by where they stand.
    private func prepared(_ query: Query.Statement) throws(DatabaseError) -> String {
        if let known = statements[query] { return known }
        let name = "s\(statements.count)"
        try check(unsafe Answer(PQprepare(handle, name, query.sql, 0, nil)))
        statements[query] = name
        return name
    }

    private func check(_ answer: borrowing Answer) throws(DatabaseError) {
        switch unsafe PQresultStatus(answer.handle) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
            return
        case PGRES_EMPTY_QUERY:
            throw DatabaseError(.other, "the query is empty")
        default:
            if let state = answer.field(DiagnosticField.state) {
                let words = SQLState.citesValues(state) ? nil : answer.field(DiagnosticField.message)
                throw DatabaseError(
                    SQLState.reason(for: state), "PostgreSQL: \(words.map(oneLine) ?? "refused") (\(state))")
            }
            // Not the server has refused, but libpq.
            throw DatabaseError(
                unsafe PQstatus(handle) == CONNECTION_OK ? .other : .unavailable, "PostgreSQL: \(message())")
        }
    }

    private func message() -> String {
        oneLine(unsafe String(cString: PQerrorMessage(handle)))
    }

    /// The server and libpq write several lines, with tabulators.
    private func oneLine(_ text: String) -> String {
        text.unicodeScalars.split { $0.value <= 0x20 || $0.value == 0x7f }
            .map { String($0) }.joined(separator: " ")
    }
}

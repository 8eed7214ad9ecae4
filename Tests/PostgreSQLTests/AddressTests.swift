import PostgreSQL
import Testing

struct AddressTests {
    @Test(arguments: [
        "postgresql://", "postgresql://host", "postgres://user@host:5432/database",
        "postgresql://user:p%40ss%2Fword@host/database", "postgresql://user@%2Frun%2Fpostgresql/database",
        "postgresql:///database?host=/run/postgresql&user=me&sslmode=require",
        "postgresql://user@one:5432,two:5433/database?target_session_attrs=read-write",
        "postgresql://user@[::1]:5432/database", "postgresql://user:a:b@host",
    ])
    func `what libpq understands is an address`(text: String) {
        #expect(PostgreSQLAddress.isMeant(by: text))
        #expect(PostgreSQLAddress(parsing: text) != nil)
    }

    @Test(arguments: [
        "postgresql://user:%zz@host", "postgresql://host/database?nonsense=1", "postgresql://[::1/database",
        "postgresql://host\0/database",
    ])
    func `what it does not understand is none`(text: String) {
        #expect(PostgreSQLAddress.isMeant(by: text))
        #expect(PostgreSQLAddress(parsing: text) == nil)
    }

    @Test(arguments: [
        // libpq would take the rest for: a host, a database, a port.
        "postgresql://user:pass@word@host/database", "postgresql://user:pass/word@host/database",
        "postgresql://user:password", "postgresql://user:@@secret/x@host/database",
    ])
    func `a password that is not encoded is not taken for something else`(text: String) {
        #expect(PostgreSQLAddress(parsing: text) == nil)
    }

    @Test func `an address is not shown`() throws {
        let address = try #require(PostgreSQLAddress(parsing: "postgresql://user:secret@host"))
        var dumped = ""
        dump(address, to: &dumped)
        for text in ["\(address)", String(reflecting: address), String(describing: [address]), dumped] {
            #expect(!text.contains("secret"))
        }
    }

    @Test(arguments: [
        "", "label_studio.sqlite3", "postgresql", "host=localhost", "/postgresql://", "mysql://host",
    ])
    func `a path is no address`(text: String) {
        #expect(!PostgreSQLAddress.isMeant(by: text))
        #expect(PostgreSQLAddress(parsing: text) == nil)
    }
}

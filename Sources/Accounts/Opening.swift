public import Database
public import Photos
public import Secrets

extension Accounts {
    /// Opens the accounts of a database: migrates it to the newest schema, and
    /// checks that the key is the one it was made with.
    ///
    /// - Parameter photos: a directory that is there; nil: something is tried out,
    ///   and no file is written.
    /// - Parameter prepareMigration: see `migrate`.
    /// - Throws: `SchemaTooNew`, `SchemaAltered`, `WrongKey`, `DatabaseError`, or what
    ///   `prepareMigration` throws.
    public init(
        database: any Database, photos: PhotoDirectory? = nil, key: MasterKey, passwords: PasswordHasher,
        rules: Rules,
        randomness: Randomness, now: @escaping @Sendable () -> Timestamp,
        observe: @escaping @Sendable (AuditEvent) -> Void,
        prepareMigration: (SchemaChange) throws -> Void = { _ in }
    ) throws {
        self.database = database
        self.photos = photos
        self.passwords = passwords
        self.rules = rules
        self.randomness = randomness
        self.now = now
        self.observe = observe
        keys = Keys(
            invitation: key.subkey(for: .invitation),
            tokenLookup: key.subkey(for: .tokenLookup),
            tokenBox: key.subkey(for: .tokenBox),
            pseudonym: key.subkey(for: .pseudonym),
            importBox: key.subkey(for: .importBox),
            upstreamPassword: key.subkey(for: .upstreamPassword))
        try migrate(database, at: now(), prepare: prepareMigration)
        try checkKey(key)
        try foldMissingNames()
    }

    /// Removes what is too old to matter: expired sessions and links, the events
    /// that the operator no longer keeps, files of photos that nobody has. To be
    /// called now and then.
    public func tidy() throws {
        try database.write { connection in
            try removeExpiredSessions(connection)
            try removeExpiredLinks(connection)
            try removeExpiredTickets(connection)
            try removeOldEvents(connection)
            try removeReplacedPasswords(connection)
            try removeExpiredRefreshTokens(connection)
        }
        try removeUnusedPhotos()
    }

    /// The key file does not belong to this database: tokens could not be read,
    /// and every invite link would be another one.
    public struct WrongKey: Error {}

    /// What the database keeps to know its key by.
    static func keyCheck(of key: MasterKey) -> [UInt8] {
        key.subkey(for: .keyCheck).hash(Array("label-studio-accounts".utf8))
    }

    private func checkKey(_ key: MasterKey) throws {
        let check = Self.keyCheck(of: key)
        let stored =
            try database.read(storedKeyCheck)
            ?? database.write { connection in
                try connection.rows(
                    """
                    INSERT INTO installation (id, key_check, created_at) VALUES (1, \(check), \(now()))
                    ON CONFLICT (id) DO NOTHING
                    """)
                return try storedKeyCheck(connection)
            }
        guard let stored, equalInConstantTime(stored, check) else { throw WrongKey() }
    }

    private func storedKeyCheck(_ connection: any Connection) throws -> [UInt8]? {
        try connection.row("SELECT key_check FROM installation")?.bytes(0)
    }

    /// Checks that the database answers, and that something could be written.
    ///
    /// - Throws: `DatabaseError`
    public func checkDatabase() throws {
        _ = try database.read { try $0.row("SELECT id FROM installation") }
        try database.checkWritable()
    }
}

extension Accounts {
    /// Why the same may succeed when it is tried again.
    public enum TemporaryFault: Sendable {
        /// Others were faster: seconds.
        case busy
        /// The disk is full, or the database out of reach: until somebody helps.
        case storage
    }

    /// Nil if an error will not go away by itself.
    public static func temporaryFault(_ error: any Error) -> TemporaryFault? {
        if error is PasswordHasher.OutOfMemory { return .busy }
        if error is PhotoDirectory.Failure { return .storage }
        return switch (error as? DatabaseError)?.reason {
        case .busy: .busy
        case .storage, .unavailable: .storage
        case .constraint, .corrupt, .other, nil: nil
        }
    }
}

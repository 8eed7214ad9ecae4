internal import Database
internal import Secrets

extension Accounts {
    /// Whether this is the password of a hash: one of ours, or an imported one.
    /// An imported hash is tried without white space at both ends, too: the
    /// program it comes from strips that.
    ///
    /// The time depends on the hash only by what `iterations` leaves open.
    ///
    /// - Parameters:
    ///   - hash: nil: none; it is checked against nothing, and takes as long.
    ///   - iterations: what to spend on PBKDF2 whether or not the hash needs it.
    func verify(_ password: String, against hash: String?, spending iterations: Int32 = 0) throws -> Bool {
        let imported = hash.flatMap(DjangoHash.init)
        let own = hash.flatMap { $0.hasPrefix("$argon2") ? $0 : nil }
        let isOwn = try passwords.verify(password, against: own ?? passwords.decoy)
        var isImported = false
        let stripped = strippedAsThere(password)
        for candidate in stripped == password ? [password] : [password, stripped] {
            if let imported, try imported.matches(candidate) { isImported = true }
            try DjangoHash.spend(iterations - (imported?.iterations ?? 0), on: candidate)
        }
        return isImported || isOwn && own != nil
    }

    /// What a log-in spends on PBKDF2: as long as anybody has an imported
    /// password, the time of an answer must not tell who has.
    func importedIterations(_ connection: any Connection) throws -> Int32 {
        let row = try connection.row(
            """
            SELECT max(i.iterations) FROM imported_password i JOIN user_account u ON u.id = i.user_id
            WHERE u.password_hash LIKE 'pbkdf2_sha256$%'
            """)
        return Int32(clamping: try row?.optionalInteger(0) ?? 0)
    }

    /// Notes of passwords that have been replaced since.
    func removeReplacedPasswords(_ connection: any Connection) throws {
        try connection.rows(
            """
            DELETE FROM imported_password WHERE NOT EXISTS
            (SELECT 1 FROM user_account u WHERE u.id = imported_password.user_id
             AND u.password_hash LIKE 'pbkdf2_sha256$%')
            """)
    }
}

/// As Python's `str.strip` does it: U+001C to U+001F are white space to it, too.
private func strippedAsThere(_ text: String) -> String {
    let isSpace = { (scalar: Unicode.Scalar) in
        scalar.properties.isWhitespace || ("\u{1c}"..."\u{1f}").contains(scalar)
    }
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !isSpace($0) }),
        let last = scalars.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(scalars[first...last])
}

internal import Database
public import Photos
internal import Secrets

extension Accounts {
    /// Gives a person a photo, in place of the one before: one's own, or, for
    /// owners, another's.
    ///
    /// - Throws: `MembershipRefusal`, `DatabaseError` or `PhotoDirectory.Failure`.
    public func setPhoto(
        _ photo: Photo, of user: User.ID, by requester: Requester, from client: Client
    ) throws {
        // First the file: what the database names is there.
        let name = try store(photo)
        do {
            try change(photoOf: user, to: name, by: requester, from: client)
        } catch {
            removeFile(name)
            throw error
        }
    }

    /// - Throws: `MembershipRefusal` or `DatabaseError`.
    public func removePhoto(of user: User.ID, by requester: Requester, from client: Client) throws {
        try change(photoOf: user, to: nil, by: requester, from: client)
    }

    private func change(
        photoOf user: User.ID, to name: PhotoName?, by requester: Requester, from client: Client
    ) throws {
        let editor = requester.member.user.id
        try act(by: .requester(requester), from: client) { act in
            if user != editor { try checkOwner(editor, of: requester.member.organization.id, in: act) }
            try act.dropPhoto(of: user)
            let changed = try act.connection.row(
                "UPDATE user_account SET photo = \(name?.text) WHERE id = \(user) RETURNING id")
            guard changed != nil else { throw MembershipRefusal.notPossible }
            if user != editor { try act.record(.profileChanged, by: editor, on: user, detail: "photo") }
        }
    }

    /// Stores the file of a photo that belongs to nobody yet.
    func store(_ photo: Photo) throws -> PhotoName {
        let owner = try database.read { try photoOwner($0) }
        let secret = randomness.bytes(PhotoName.secretLength)
        let name = PhotoName(owner: owner, secret: secret, format: photo.format)
        try photos?.store(photo, as: name)
        return name
    }

    /// Removes a file that nobody needs any more.
    func removeFile(_ name: PhotoName) {
        // If it does not succeed, it is tried again with all that are not used.
        try? photos?.remove(name)
    }

    /// Removes the files that belong to nobody: something came to an end half
    /// way, or the database is an earlier one. Those of the last hour may be
    /// about to belong to somebody, and those of another database that is kept
    /// in the same directory do.
    func removeUnusedPhotos() throws {
        guard let stored = try photos?.names(olderThan: 3600), !stored.isEmpty else { return }
        let (owner, used) = try database.read { connection in
            let rows = try connection.rows("SELECT photo FROM user_account WHERE photo IS NOT NULL")
            return (try photoOwner(connection), Set(try rows.map { try $0.text(0) }))
        }
        for name in stored where name.belongs(to: owner) && !used.contains(name.text) { removeFile(name) }
    }

    /// Names this database in the names of its files.
    private func photoOwner(_ connection: any Connection) throws -> [UInt8] {
        guard let row = try connection.row("SELECT created_at FROM installation WHERE id = 1") else {
            throw DatabaseError(.corrupt, "the installation has no row")
        }
        let madeAt = try row.integer(0)
        return Array(keys.pseudonym.hash(Array("photos of \(madeAt)".utf8)).prefix(PhotoName.ownerLength))
    }
}

extension Act {
    /// Removes the file of a person's photo when the act is done.
    mutating func dropPhoto(of user: User.ID) throws {
        let row = try connection.row("SELECT photo FROM user_account WHERE id = \(user)")
        if let name = try row?.optionalText(0).flatMap(PhotoName.init(parsing:)) {
            droppedPhotos.append(name)
        }
    }
}

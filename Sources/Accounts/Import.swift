internal import Database
internal import Photos
public import Predecessor
internal import Secrets

extension Accounts {
    /// Takes over the people of another installation, with what belongs to
    /// them. What is here already is left as it is; what came once does not
    /// come again.
    ///
    /// - Parameters:
    ///   - refreshKey: what the personal access tokens there are signed with; nil:
    ///     they do not come.
    ///   - mediaFile: the content of a file that people have sent there; nil if
    ///     there is no such file.
    /// - Throws: `ReadingFault`, `DatabaseError` or `PhotoDirectory.Failure`.
    public func takeOver(
        _ installation: Installation, refreshKey: [UInt8]?, mediaFile: (String) -> [UInt8]? = { _ in nil },
        from client: Client
    ) throws -> ImportReport {
        let strangers = try strangers(in: installation)
        var photos = try ImportedPhotos(of: strangers, file: mediaFile, accounts: self)
        do {
            let report = try act(from: client) { act in
                var arrival = try Arrival(installation, photos: photos, accounts: self, act: act)
                try arrival.takeOrganization()
                try arrival.takePeople()
                try arrival.takeProjects()
                try arrival.takeRefreshTokens(key: refreshKey)
                try arrival.close()
                act = arrival.act
                photos = arrival.photos
                return arrival.report
            }
            photos.removeUnused(self)
            return report
        } catch {
            photos.removeAll(self)
            throw error
        }
    }

    /// Those who have not come with an earlier import.
    private func strangers(in installation: Installation) throws -> [Installation.Person] {
        guard let madeAt = Timestamp(django: installation.organization.createdAt) else { return [] }
        let rows = try database.read { connection in
            try connection.rows(
                """
                SELECT foreign_id FROM imported_record
                WHERE source = \(madeAt.microseconds) AND kind = 'person'
                """)
        }
        let known = Set(try rows.map { try $0.integer(0) })
        return installation.people.filter { !known.contains($0.id) }
    }
}

/// One import, in its transaction.
private struct Arrival {
    private let installation: Installation
    private let accounts: Accounts
    private(set) var act: Act
    private(set) var report = ImportReport()
    private(set) var photos: ImportedPhotos

    /// Names the other installation: its organization was made then.
    private let source: Int64
    /// Nobody is here.
    private let isFirst: Bool
    /// Whether everything keeps its number.
    private let keepsNumbers: Bool
    private var organization: Int64
    private var known: [Record: Int64] = [:]
    /// Who a person there is here.
    private var users: [Int64: User.ID] = [:]
    /// Those who came from there, now or earlier: not those who were here.
    private var cameAlong: Set<Int64> = []

    private enum Kind: String {
        case person, project, token
    }

    private struct Record: Hashable {
        let kind: Kind
        let id: Int64
    }

    init(_ installation: Installation, photos: ImportedPhotos, accounts: Accounts, act: Act) throws {
        self.installation = installation
        self.photos = photos
        self.accounts = accounts
        self.act = act
        guard let madeAt = Timestamp(django: installation.organization.createdAt) else {
            throw ReadingFault.damaged("organization.created_at is no instant")
        }
        source = madeAt.microseconds
        let present = try act.connection.organization()
        isFirst = present == nil
        let numbers = installation.people.map(\.id) + installation.projects.map(\.id)
        keepsNumbers =
            isFirst && (numbers + [installation.organization.id]).allSatisfy(Self.numbers.contains)
        organization =
            present?.id ?? (keepsNumbers ? installation.organization.id : Organization.firstID)
        let rows = try act.connection.rows(
            "SELECT kind, foreign_id, local_id FROM imported_record WHERE source = \(source)")
        for row in rows {
            guard let kind = Kind(rawValue: try row.text(0)) else { continue }
            known[Record(kind: kind, id: try row.integer(1))] = try row.integer(2)
        }
    }

    /// As large as they are there on PostgreSQL. Behind the largest that there can
    /// be in SQLite, nobody else could be numbered.
    private static let numbers: ClosedRange<Int64> = 1...Int64(Int32.max)

    private mutating func remember(_ kind: Kind, _ foreign: Int64, as local: Int64) throws {
        try act.connection.rows(
            """
            INSERT INTO imported_record (source, kind, foreign_id, local_id)
            VALUES (\(source), \(kind.rawValue), \(foreign), \(local))
            """)
    }

    mutating func takeOrganization() throws {
        let old = installation.organization
        guard isFirst else {
            if known.isEmpty, let title = try act.connection.organization()?.title {
                report.notes.append(.organizationKept(title: title))
            }
            return
        }
        let title = clean(old.title)
        let policy = sessionPolicy()
        let imported = accounts.importedInvitation(old.inviteToken, to: organization)
        let contact = old.contactInfo.flatMap { try? EmailAddress(parsing: $0) }
        let nonce = imported ?? accounts.randomness.bytes(Organization.nonceLength)
        try act.connection.rows(
            """
            INSERT INTO organization
            (id, title, invite_nonce, max_session_age_minutes, max_idle_minutes, api_tokens_enabled,
             legacy_api_tokens_enabled, contact_info, invite_counted_since, created_at, updated_at)
            VALUES (\(organization), \(title.isEmpty ? Organization.defaultTitle : title), \(nonce),
                    \(policy.maximumAge), \(policy.maximumIdleTime), \(old.acceptsAPITokens),
                    \(old.acceptsLegacyTokens), \(contact?.text), \(act.instant),
                    \(Timestamp(microseconds: source)), \(act.instant))
            """)
        try act.connection.rows("UPDATE installation SET setup_used_at = \(act.instant) WHERE id = 1")
        report.tookOrganization = true
        report.tookInviteLink = imported != nil
        if imported == nil { report.notes.append(.newInviteLink) }
        if let given = old.contactInfo, contact == nil { report.notes.append(.contactInfo(given)) }
        if !keepsNumbers { report.notes.append(.newNumbers) }
        if !old.acceptsAPITokens { report.notes.append(.apiTokensWereOff) }
        if !old.acceptsLegacyTokens { report.notes.append(.legacyTokensWereOff) }
    }

    private func sessionPolicy() -> SessionPolicy {
        let possible = SessionPolicy.minutes
        guard let policy = installation.organization.sessionPolicy, possible.contains(policy.maximumAge),
            possible.contains(policy.maximumIdleTime)
        else { return .standard }
        return SessionPolicy(maximumAge: policy.maximumAge, maximumIdleTime: policy.maximumIdleTime)
    }

    mutating func takePeople() throws {
        let newcomers = try newcomers()
        let owner = isFirst ? chooseOwner(newcomers) : nil
        for newcomer in newcomers { try take(newcomer, isOwner: newcomer.old.id == owner) }
        let removed = newcomers.count { $0.old.membership?.removedAt != nil }
        if report.tookInviteLink, removed > 0 { report.notes.append(.inviteLinkKnown(removed: removed)) }
    }

    private struct Newcomer {
        let old: Installation.Person
        let email: EmailAddress

        var isMember: Bool { old.membership.map { $0.removedAt == nil } ?? false }
    }

    /// Those who have not come yet and can.
    private mutating func newcomers() throws -> [Newcomer] {
        var newcomers: [Newcomer] = []
        let holders = holders()
        for person in installation.people {
            if let local = known[Record(kind: .person, id: person.id)] {
                users[person.id] = User.ID(local)
                cameAlong.insert(person.id)
                report.knownPeople += 1
                continue
            }
            guard let email = try? EmailAddress(parsing: person.email) else {
                report.notes.append(.malformedEmail(person: person.id, email: person.email))
                continue
            }
            if let holder = holders[email], holder != person.id {
                report.notes.append(.clash(person: person.id, email: person.email, with: holder))
                continue
            }
            if let user = try userID(email) {
                users[person.id] = user
                report.notes.append(.alreadyHere(email))
                continue
            }
            newcomers.append(Newcomer(old: person, email: email))
        }
        return newcomers
    }

    /// Who keeps an address that several have. There, only the one that is
    /// written in lower case can log in; else it is the first.
    private func holders() -> [EmailAddress: Int64] {
        var holders: [EmailAddress: Int64] = [:]
        for person in installation.people {
            guard let email = try? EmailAddress(parsing: person.email) else { continue }
            let isKnown = known[Record(kind: .person, id: person.id)] != nil
            if holders[email] == nil || isKnown || person.email == email.text { holders[email] = person.id }
        }
        return holders
    }

    private func userID(_ email: EmailAddress) throws -> User.ID? {
        try act.connection.row("SELECT id FROM user_account WHERE email = \(email)").map {
            User.ID(try $0.integer(0))
        }
    }

    /// Somebody who can act: the owner there, or a superuser, or the first member.
    private mutating func chooseOwner(_ newcomers: [Newcomer]) -> Int64? {
        let able = newcomers.filter { $0.isMember && $0.old.isActive }
        if let owner = able.first(where: { $0.old.id == installation.organization.owner }) {
            return owner.old.id
        }
        let chosen = able.first(where: \.old.isSuperuser) ?? able.first
        report.notes.append(.ownerChosen(chosen?.email))
        return chosen?.old.id
    }

    private mutating func take(_ newcomer: Newcomer, isOwner: Bool) throws {
        let user = try insert(newcomer)
        users[newcomer.old.id] = user
        cameAlong.insert(newcomer.old.id)
        try remember(.person, newcomer.old.id, as: user.number)
        try pair(user, with: newcomer.old.id)
        try insertMembership(of: newcomer, user, isOwner: isOwner)
        if newcomer.isMember { try storeToken(of: newcomer, user) }
        try act.record(.accountMade, by: nil, on: user, detail: "import")
        report.people += 1
        noteWhatStays(of: newcomer)
        if !isOwner, newcomer.old.isSuperuser { report.notes.append(.superuser(newcomer.email)) }
        if !isFirst, newcomer.old.id == installation.organization.owner {
            report.notes.append(.ownerIsMember(newcomer.email))
        }
    }

    /// Who he is there, for the case that this Label Studio stands behind the gate
    /// one day. What an owner has confirmed stays.
    private func pair(_ user: User.ID, with foreign: Int64) throws {
        try act.connection.rows(
            """
            INSERT INTO upstream_pair (source, user_id, upstream_user, origin, paired_at)
            VALUES (\(source), \(user), \(foreign), \(PairOrigin.imported.rawValue), \(act.instant))
            ON CONFLICT DO NOTHING
            """)
    }

    private mutating func insert(_ newcomer: Newcomer) throws -> User.ID {
        let old = newcomer.old
        let connection = act.connection
        let name = clean(old.username)
        let username = name.isEmpty ? String(newcomer.email.text.prefix { $0 != "@" }) : name
        let hash = DjangoHash(old.password)
        // What no password matches.
        let stored = hash == nil ? Accounts.noPassword : old.password
        let createdAt = Timestamp(django: old.createdAt) ?? act.instant
        let lastActiveAt = Timestamp(django: old.lastActiveAt) ?? createdAt
        let hotkeys = hotkeys(of: old) ?? "{}"
        let photo = photos.take(old.id)?.text
        let row =
            keepsNumbers
            ? try connection.row(
                """
                INSERT INTO user_account
                (id, email, username, first_name, last_name, phone, allow_newsletters, password_hash, created_at,
                 last_active_at, custom_hotkeys, photo)
                VALUES (\(old.id), \(newcomer.email), \(username), \(clean(old.firstName)), \(clean(old.lastName)),
                        \(clean(old.phone)), \(old.allowsNewsletters), \(stored), \(createdAt), \(lastActiveAt),
                        \(hotkeys), \(photo))
                RETURNING id
                """)
            : try connection.row(
                """
                INSERT INTO user_account
                (email, username, first_name, last_name, phone, allow_newsletters, password_hash, created_at,
                 last_active_at, custom_hotkeys, photo)
                VALUES (\(newcomer.email), \(username), \(clean(old.firstName)), \(clean(old.lastName)),
                        \(clean(old.phone)), \(old.allowsNewsletters), \(stored), \(createdAt), \(lastActiveAt),
                        \(hotkeys), \(photo))
                RETURNING id
                """)
        guard let row else { throw DatabaseError(.other, "the database returned no id") }
        let user = User.ID(try row.integer(0))
        try connection.foldName(of: user)
        if let hash {
            try connection.rows(
                """
                INSERT INTO imported_password (user_id, iterations) VALUES (\(user), \(Int64(hash.iterations)))
                """)
        }
        return user
    }

    /// Whoever was in no organization comes as one who has left: an owner can
    /// let him in.
    private mutating func insertMembership(of newcomer: Newcomer, _ user: User.ID, isOwner: Bool) throws {
        let membership = newcomer.old.membership
        let removedAt: Timestamp?
        if let membership {
            removedAt = membership.removedAt.map { Timestamp(django: $0) ?? act.instant }
        } else {
            removedAt = act.instant
        }
        let joinedAt = membership.flatMap { Timestamp(django: $0.joinedAt) } ?? act.instant
        let deactivatedAt = removedAt == nil && !newcomer.old.isActive ? act.instant : nil
        let role = isOwner ? Member.Role.owner : .member
        try act.connection.rows(
            """
            INSERT INTO member (organization_id, user_id, role, joined_at, removed_at, deactivated_at)
            VALUES (\(organization), \(user), \(role.rawValue), \(joinedAt), \(removedAt), \(deactivatedAt))
            """)
        if membership == nil {
            report.notes.append(.withoutOrganization(newcomer.email))
        } else if removedAt != nil {
            report.notes.append(.removed(newcomer.email))
        } else if deactivatedAt != nil {
            report.notes.append(.deactivated(newcomer.email))
        }
    }

    private mutating func storeToken(of newcomer: Newcomer, _ user: User.ID) throws {
        if let old = newcomer.old.legacyToken, let token = try? APIToken(parsing: old),
            try !accounts.isTaken(token, act.connection)
        {
            try accounts.storeAPIToken(token, of: user, connection: act.connection)
            report.apiTokens += 1
        } else {
            try accounts.storeAPIToken(accounts.newAPIToken(), of: user, connection: act.connection)
            report.notes.append(.newAPIToken(newcomer.email))
        }
    }

    private mutating func noteWhatStays(of newcomer: Newcomer) {
        let old = newcomer.old
        if DjangoHash(old.password) == nil {
            let isNone = old.password.isEmpty || old.password.hasPrefix("!")
            report.notes.append(isNone ? .noPassword(newcomer.email) : .unknownPassword(newcomer.email))
        }
        if let file = old.avatar, let problem = photos.problem(old.id) {
            report.notes.append(.photo(newcomer.email, file: file, problem))
        }
        if old.hotkeys != nil, hotkeys(of: old) == nil { report.notes.append(.hotkeys(newcomer.email)) }
    }

    /// Keyboard shortcuts as they are, unless somebody keeps something else there.
    private func hotkeys(of old: Installation.Person) -> String? {
        guard let hotkeys = old.hotkeys, hotkeys.utf8.count <= 65_536, hotkeys.utf8.first == UInt8(ascii: "{")
        else { return nil }
        return clean(hotkeys)
    }

    mutating func takeProjects() throws {
        for project in installation.projects {
            if known[Record(kind: .project, id: project.id)] != nil {
                report.knownProjects += 1
                continue
            }
            try take(project)
        }
        if installation.otherProjects > 0 {
            report.notes.append(.otherProjects(installation.otherProjects))
        }
        if installation.otherOrganizations > 0 {
            report.notes.append(.otherOrganizations(installation.otherOrganizations))
        }
    }

    private mutating func take(_ old: Installation.Project) throws {
        var title = trimmed(clean(old.title))
        if title.isEmpty {
            title = "Project \(old.id)"
            report.notes.append(.untitledProject(title))
        }
        let author = old.author.flatMap { users[$0] }
        if old.author != nil, author == nil { report.notes.append(.projectWithoutAuthor(title)) }
        let createdAt = Timestamp(django: old.createdAt) ?? act.instant
        let updatedAt = Timestamp(django: old.updatedAt) ?? createdAt
        let folded = FoldedText(besides: title)
        // The author may have been deleted here since he came.
        let row =
            keepsNumbers
            ? try act.connection.row(
                """
                INSERT INTO project
                (id, organization_id, title, folded_title, description, created_by, created_at, updated_at)
                VALUES (\(old.id), \(organization), \(title), \(folded), \(clean(old.description)),
                        (SELECT id FROM user_account WHERE id = \(author)), \(createdAt), \(updatedAt))
                RETURNING id
                """)
            : try act.connection.row(
                """
                INSERT INTO project
                (organization_id, title, folded_title, description, created_by, created_at, updated_at)
                VALUES (\(organization), \(title), \(folded), \(clean(old.description)),
                        (SELECT id FROM user_account WHERE id = \(author)), \(createdAt), \(updatedAt))
                RETURNING id
                """)
        guard let row else { throw DatabaseError(.other, "the database returned no id") }
        try remember(.project, old.id, as: row.integer(0))
        report.projects += 1
    }

    /// Only of people who came from there: nobody else's account gets a token
    /// that somebody may hold.
    mutating func takeRefreshTokens(key: [UInt8]?) throws {
        var withoutKey = 0
        for old in installation.refreshTokens where known[Record(kind: .token, id: old.id)] == nil {
            guard cameAlong.contains(old.user), let user = users[old.user],
                let expiresAt = Timestamp(django: old.expiresAt), expiresAt > act.instant,
                try isMember(user)
            else { continue }
            guard let key else {
                withoutKey += 1
                continue
            }
            try accounts.store(
                imported: old.jti, of: user, origin: RefreshToken.Origin(text: old.text, key: key),
                createdAt: Timestamp(django: old.createdAt) ?? act.instant, expiresAt: expiresAt,
                act.connection)
            try remember(.token, old.id, as: user.number)
            report.refreshTokens += 1
        }
        if withoutKey > 0 { report.notes.append(.refreshTokensWithoutKey(withoutKey)) }
    }

    private func isMember(_ user: User.ID) throws -> Bool {
        try act.connection.row("SELECT user_id FROM member WHERE user_id = \(user) AND removed_at IS NULL")
            != nil
    }

    mutating func close() throws {
        guard report.hasChanged else { return }
        try act.record(
            .peopleImported, by: nil,
            detail: "people \(report.people), projects \(report.projects), tokens "
                + "\(report.apiTokens + report.refreshTokens)")
    }

    /// Without NUL, which PostgreSQL could not keep.
    private func clean(_ text: String) -> String {
        text.utf8.contains(0) ? String(text.unicodeScalars.filter { $0 != "\0" }) : text
    }
}

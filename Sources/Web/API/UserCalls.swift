internal import Accounts
internal import HTTP

extension Site {
    func listUsers(_ visit: Visit, _ requester: Requester) throws -> Response {
        let organization = requester.member.organization
        let selection = KeySelection(visit)
        let owner = try accounts.owner(of: organization)
        let users = try accounts.everybody(in: organization).map {
            JSON.object(selection.apply(to: userMembers(of: $0, owner: owner)))
        }
        return json(.ok, .array(visit.query["ordering"] == "-id" ? users.reversed() : users))
    }

    func getUser(_ visit: Visit, _ requester: Requester) throws -> Response {
        let user = User.ID(visit.numbers[0])
        guard let person = try accounts.person(user, in: requester.member.organization) else {
            throw APIFault.notFound("User")
        }
        return json(.ok, .object(KeySelection(visit).apply(to: try userMembers(of: person))))
    }

    /// Makes a member who cannot log in until he has set a password by the link
    /// in the answer. A password that was sent is not looked at: nobody chooses
    /// another's (ASVS 5.0, 6.4.6).
    func createUser(_ visit: Visit, _ requester: Requester) throws -> Response {
        var fields = try Fields(visit)
        let details = accountChanges(
            &fields, organization: requester.member.organization, needsUsername: true)
        let email = fields.email("email", isRequired: true) ?? nil
        try fields.check()
        guard let email else { throw APIFault(problems: [("email", Fields.required)]) }
        let (user, link): (User.ID, SecretToken)
        do {
            (user, link) = try accounts.createAccount(
                email: email, details, by: requester, from: client(of: visit))
        } catch is Accounts.EmailTaken {
            throw APIFault(problems: [("email", "user with this email address already exists.")])
        }
        guard let person = try accounts.person(user, in: requester.member.organization) else {
            throw APIFault.notFound("User")
        }
        var members = try userMembers(of: person)
        members.append(JSON.Member("set_password_url", .string(setPasswordURL(link, visit))))
        return json(.created, .object(members))
    }

    func editUser(_ visit: Visit, _ requester: Requester) throws -> Response {
        let user = User.ID(visit.numbers[0])
        var fields = try Fields(visit)
        guard fields["email"] == nil else {
            throw APIFault(.methodNotAllowed, "Cannot update read-only field: email")
        }
        let changes = accountChanges(&fields, organization: requester.member.organization)
        guard user == requester.member.user.id || requester.member.role == .owner else {
            return refusedRight(visit)
        }
        try fields.check()
        guard let person = try accounts.edit(user, changes, by: requester, from: client(of: visit)) else {
            throw APIFault.notFound("User")
        }
        return json(.ok, .object(try userMembers(of: person)))
    }

    func deleteUser(_ visit: Visit, _ requester: Requester) throws -> Response {
        do {
            try accounts.deleteAccount(
                of: User.ID(visit.numbers[0]), by: requester, from: client(of: visit))
        } catch Accounts.MembershipRefusal.owner, Accounts.MembershipRefusal.yourself {
            throw APIFault(.forbidden, "The organization owner cannot be deleted")
        } catch Accounts.MembershipRefusal.notPossible {
            throw APIFault.notFound("User")
        }
        return Response(.noContent)
    }

    static let onlyOwnersDelete = "Only the organization owner can delete users"

    private func accountChanges(
        _ fields: inout Fields, organization: Organization, needsUsername: Bool = false
    ) -> AccountChanges {
        let limit = User.Profile.fieldLimit
        var changes = AccountChanges()
        changes.username = fields.text(
            "username", limit: limit, mayBeBlank: false, isRequired: needsUsername)
        changes.firstName = fields.text("first_name", limit: limit)
        changes.lastName = fields.text("last_name", limit: limit)
        changes.phone = fields.text("phone", limit: limit)
        changes.allowsNewsletters = fields.boolean("allow_newsletters", mayBeNull: true)
        changes.createdAt = fields.instant("date_joined")
        if let hotkeys = fields.json("custom_hotkeys") {
            changes.hotkeys = checkedHotkeys(hotkeys, &fields)
        }
        // There is one organization, and everybody's is that.
        if let number = fields["active_organization"], number != .null,
            number != .integer(organization.id), number != .string("\(organization.id)")
        {
            fields.note("active_organization", "Invalid pk - object does not exist.")
        }
        return changes
    }

    /// - Returns: the text that is stored.
    private func checkedHotkeys(_ value: JSON, _ fields: inout Fields) -> String? {
        if let problem = HotkeysProblem(in: value) {
            fields.note("custom_hotkeys", problem.message)
            return nil
        }
        return String(decoding: value.encoded, as: UTF8.self)
    }
}

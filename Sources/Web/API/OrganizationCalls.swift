internal import Accounts
internal import HTTP

extension Site {
    func listOrganizations(_ visit: Visit, _ requester: Requester) throws -> Response {
        let details = try details(requester)
        return json(
            .ok,
            [
                [
                    "id": .integer(details.organization.id),
                    "title": .string(details.organization.title),
                    "contact_info": details.contactInfo.map(JSON.string) ?? nil,
                    "created_at": .string(details.createdAt.iso8601),
                ]
            ])
    }

    /// There is one, which the first account has made.
    func createOrganization(_ visit: Visit, _ requester: Requester) throws -> Response {
        throw APIFault(.forbidden, "Creating organizations over the API is disabled on this instance")
    }

    func getOrganization(_ visit: Visit, _ requester: Requester) throws -> Response {
        _ = try organization(named: visit.numbers[0], requester)
        return try organizationAnswer(visit, requester)
    }

    /// Its members that the client wants. Whoever gets the token of the invite
    /// link has seen it.
    private func organizationAnswer(_ visit: Visit, _ requester: Requester) throws -> Response {
        let selected = KeySelection(visit).apply(to: organizationMembers(try details(requester)))
        if selected.contains(where: { $0.name == "token" }) {
            try noteInvitationShown(to: requester.member, visit)
        }
        return json(.ok, .object(selected))
    }

    func patchOrganization(_ visit: Visit, _ requester: Requester) throws -> Response {
        try editOrganization(visit, requester, isWhole: false)
    }

    func putOrganization(_ visit: Visit, _ requester: Requester) throws -> Response {
        try editOrganization(visit, requester, isWhole: true)
    }

    private func editOrganization(
        _ visit: Visit, _ requester: Requester, isWhole: Bool
    ) throws -> Response {
        let organization = try organization(named: visit.numbers[0], requester)
        var fields = try Fields(visit)
        let title = fields.text(
            "title", limit: Organization.titleLimit, mayBeBlank: false, isRequired: isWhole)
        let contactInfo = fields.email("contact_info", mayBeNull: true)
        // A client that sends back what it got does no harm.
        if let token = fields["token"], token != .string(accounts.invitationToken(of: organization)) {
            fields.note("token", "The invite token cannot be chosen; reset it instead.")
        }
        try fields.check()
        try accounts.editOrganization(
            title: title, contactInfo: contactInfo.map { $0?.text }, by: requester, from: client(of: visit))
        return try organizationAnswer(visit, requester)
    }

    /// - Throws: `APIFault` if a call names another organization than ours.
    func organization(named number: Int64, _ requester: Requester) throws -> Organization {
        let organization = requester.member.organization
        guard number == organization.id else { throw APIFault.notFound("Organization") }
        return organization
    }

    private func details(_ requester: Requester) throws -> OrganizationDetails {
        guard let details = try accounts.organizationDetails() else { throw Accounts.AccessEnded() }
        return details
    }

    private func organizationMembers(_ details: OrganizationDetails) -> [JSON.Member] {
        [
            JSON.Member("id", .integer(details.organization.id)),
            JSON.Member("title", .string(details.organization.title)),
            JSON.Member("token", .string(accounts.invitationToken(of: details.organization))),
            JSON.Member("created_at", .string(details.createdAt.iso8601)),
            JSON.Member("updated_at", .string(details.updatedAt.iso8601)),
            JSON.Member("contact_info", details.contactInfo.map(JSON.string) ?? nil),
            JSON.Member("created_by", details.owner.map { .integer($0.number) } ?? nil),
            JSON.Member("users", .array(details.members.map { .integer($0.number) })),
        ]
    }

    func getSessionPolicy(_ visit: Visit, _ requester: Requester) throws -> Response {
        let details = try details(requester)
        let policy = details.organization.sessionPolicy
        return json(
            .ok,
            [
                "max_session_age": .integer(policy.maximumAge),
                "max_time_between_activity": .integer(policy.maximumIdleTime),
                "created_at": .string(details.createdAt.iso8601),
                "updated_at": .string(details.sessionPolicyUpdatedAt.iso8601),
            ])
    }

    func editSessionPolicy(_ visit: Visit, _ requester: Requester) throws -> Response {
        var fields = try Fields(visit)
        let maximumAge = fields.integer("max_session_age", in: SessionPolicy.minutes)
        let maximumIdleTime = fields.integer("max_time_between_activity", in: SessionPolicy.minutes)
        try fields.check()
        try accounts.editSessionPolicy(
            maximumAge: maximumAge, maximumIdleTime: maximumIdleTime, by: requester,
            from: client(of: visit))
        return try getSessionPolicy(visit, requester)
    }
}

internal import Accounts
internal import HTTP

extension Site {
    func whoAmI(_ visit: Visit, _ requester: Requester) throws -> Response {
        guard case .object(let user) = try userJSON(requester.member) else {
            return errorPage(.internalServerError, visit)
        }
        let permissions = JSON.array(Self.permissions.map(JSON.string))
        return json(.ok, .object(user + [JSON.Member("permissions", permissions)]))
    }

    /// A user as the API shows him.
    func userJSON(_ member: Member) throws -> JSON {
        let user = member.user
        let owner = try accounts.owner(of: member.organization)
        return [
            "id": .integer(user.id.number),
            "first_name": .string(user.profile.firstName),
            "last_name": .string(user.profile.lastName),
            "username": .string(user.username),
            "email": .string(user.email.text),
            "last_activity": .string(user.lastActiveAt.iso8601),
            "custom_hotkeys": [:],
            "avatar": nil,
            "initials": .string(user.initials),
            "phone": .string(user.profile.phone),
            "active_organization": .integer(member.organization.id),
            "active_organization_meta": [
                "title": .string(member.organization.title),
                "email": .string(owner?.text ?? ""),
            ],
            "allow_newsletters": user.profile.allowsNewsletters.map(JSON.boolean) ?? nil,
            "date_joined": .string(user.createdAt.iso8601),
        ]
    }

    /// What every member may do, in the names of the product we follow; clients
    /// hide what is not listed.
    private static let permissions = [
        "organizations.create", "organizations.view", "organizations.change", "organizations.delete",
        "organizations.invite", "projects.create", "projects.view", "projects.change", "projects.delete",
        "projects.reset_cache", "tasks.create", "tasks.view", "tasks.change", "tasks.delete", "views.reset",
        "annotations.create", "annotations.view", "annotations.change", "annotations.delete",
        "actions.perform", "predictions.any", "avatar.any", "labels.create", "labels.view", "labels.change",
        "labels.delete", "models.create", "models.view", "models.change", "models.delete",
        "model_provider_connection.create", "model_provider_connection.view",
        "model_provider_connection.change", "model_provider_connection.delete", "webhooks.view",
        "webhooks.change", "users.token.any", "storages.view", "storages.change", "storages.sync",
        "views.view", "views.create", "views.change", "views.delete",
    ]
}

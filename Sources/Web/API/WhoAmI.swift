internal import Accounts
internal import HTTP

extension Site {
    func whoAmI(_ visit: Visit, _ requester: Requester) throws -> Response {
        var user = try userMembers(of: try person(of: requester))
        user.append(JSON.Member("permissions", .array(Self.permissions.map(JSON.string))))
        return json(.ok, .object(KeySelection(visit).apply(to: user)))
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

internal import Accounts
internal import HTTP

extension Site {
    /// Where the version is told, below the sub-path that is set: what needs
    /// neither a session nor the database.
    public var versionTarget: String {
        (addresses.configured?.prefix ?? "") + "/api/version"
    }

    /// Clients ask it before anything else, to learn whether they know this server.
    func getVersion(_ visit: Visit) throws -> Response {
        let version = JSON.string(settings.version)
        return json(
            .ok,
            [
                "release": version,
                "label-studio-os-package": [
                    "version": version, "short_version": version, "latest_version_from_pypi": version,
                    "current_version_is_outdated": false,
                ],
                "label-studio-os-backend": ["version": version, "branch": "", "commit": "", "message": ""],
                "edition": "Community",
            ])
    }

    /// How far somebody is in a guided tour of the pages. There are no tours
    /// here, so that each is over.
    func getProductTour(_ visit: Visit, _ requester: Requester) throws -> Response {
        guard let name = visit.query["name"], !name.isEmpty else {
            throw APIFault(problems: [("name", Fields.required)])
        }
        return json(
            .ok,
            [
                "id": .integer(requester.member.user.id.number), "name": .string(name),
                "state": "completed", "interaction_data": [:], "steps": [],
            ])
    }
}

internal import HTTP

/// What may be asked of the labeling server behind the gate, of the addresses that
/// Label Studio 1.23.2 has.
enum LabelingServerAddresses {
    /// Django wants a cookie beside each form of its own pages. Everybody has the same:
    /// whether a request comes from a page of this site, the gate has seen already.
    static let cookies = "csrftoken=TheGateHasComparedTheOriginsHere"

    /// Why a request may not pass; nil: it may.
    ///
    /// - Parameter isAdminOpen: whether the operator has opened its administration.
    static func refusal(_ method: Method, _ path: Path?, isAdminOpen: Bool) -> String? {
        // nginx has read the path otherwise than Django would.
        guard let path else { return "The labeling server has no such address." }
        let segments = path.segments
        switch segments.first {
        case "user", "logout", "organization", "people", "health", "-", "api-auth":
            return "The labeling server is not asked for this: people log in and are managed here."
        case "admin", "django-rq":
            return isAdminOpen
                ? nil
                : "The administration of the labeling server is closed. If you run this server: "
                    + "LABEL_STUDIO_UPSTREAM_ADMIN=true opens it."
        case "api": return segments.count > 1 ? refusal(method, call: segments.dropFirst()) : nil
        default: return nil
        }
    }

    private static func refusal(_ method: Method, call: ArraySlice<String>) -> String? {
        // Its calls answer in other formats, too: "users.json" is "users".
        let names = call.map { $0.prefix { $0 != "." } }
        switch names.first {
        case "invite", "token", "jwt", "session-policy":
            return "The labeling server is not asked for this: people and their tokens are managed here."
        case "current-user" where names.count > 1 && ["token", "reset-token"].contains(names[1]):
            return "The labeling server is not asked for this: people and their tokens are managed here."
        case "organizations" where names.count == 2:
            // It tells everybody its own invite link.
            return "The labeling server is not asked for this: /-/accounts/api/organizations/ has the "
                + "organization of here."
        case "users", "organizations":
            return method.isSafe
                ? nil : "People are managed on the page of the organization, and not in the labeling server."
        default: return nil
        }
    }
}

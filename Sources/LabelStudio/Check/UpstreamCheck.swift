internal import Accounts
internal import Enrollment
internal import Predecessor
internal import Upstream

/// `label-studio upstream check`: the Label Studio behind the gate, as it is now.
enum UpstreamCheck {
    static func run(_ configuration: Configuration) throws -> Int32 {
        let key = try UpstreamSecret.needed(configuration)
        let accounts = try Service.administered(configuration).accounts
        let upstream = try accounts.upstream()
        let place: UpstreamAddress
        if upstream == nil, let given = configuration.upstream {
            place = given
        } else {
            place = try configuration.place(of: upstream)
        }
        var report = CheckReport()
        do {
            let server = LabelingServer(at: place, key: key)
            report.add([try version(server)])
            report.add(reach(place, key))
            report.add([try signUp(server)])
            try server.checkKey()
            report.add([.ok("its SECRET_KEY is the one that was read")])
            if let upstream {
                report.add(try people(upstream, accounts, server))
            } else {
                report.add([.warning("it was not added yet: label-studio upstream add")])
            }
        } catch let failure as UpstreamFailure {
            report.add([.fault(failure.sentence(place))])
        }
        report.end()
        return report.faults == 0 ? 0 : 1
    }

    private static func version(_ server: LabelingServer) throws -> Finding {
        let version = try server.version()
        return version == Installation.newestVersion
            ? .ok("Label Studio \(version) answers at \(server.address)")
            : .warning(
                "Label Studio \(version) answers at \(server.address); this program was tested with "
                    + Installation.newestVersion)
    }

    /// Whoever reaches it past the gate finds its own log-in page.
    private static func reach(_ place: UpstreamAddress, _ key: UpstreamKey) -> [Finding] {
        let advice = "let it listen on 127.0.0.1 only, or keep others off by a firewall"
        guard place.isLocal else {
            return [
                .warning(
                    "\(place) is not of this machine alone: \(advice), and look that nginx alone reaches it")
            ]
        }
        // What is behind a socket is not said; the relay of the package leads to this port.
        let port = place.port ?? 8081
        let open = OutgoingConnection.ownAddresses().filter { host in
            guard let other = UpstreamAddress(parsing: "http://\(host):\(port)") else { return false }
            return LabelingServer(at: other, key: key).isThere
        }
        guard let first = open.first else {
            return [
                .ok(
                    place.port == nil
                        ? "nothing answers at port \(port) of this machine's other addresses"
                        : "none of this machine's other addresses leads to it")
            ]
        }
        return [
            .fault(
                "it listens on \(first), port \(port), too, where others reach it past the gate: \(advice)")
        ]
    }

    private static func signUp(_ server: LabelingServer) throws -> Finding {
        guard try server.isSignUpOpen() else { return .ok("sign-up is closed there") }
        return .warning(
            "sign-up is open there: whoever reaches it past the gate makes himself an account; once somebody "
                + "has one, start it with LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true")
    }

    private static func people(
        _ upstream: UpstreamSite, _ accounts: Accounts, _ server: LabelingServer
    ) throws -> [Finding] {
        let organization = try server.organization(upstream.organization, as: upstream.serviceUser)
        guard Timestamp(iso8601: organization.createdAt) == upstream.source else {
            return [
                .fault(
                    "its database is another one than when it was added: label-studio upstream remove, and "
                        + "add it again")
            ]
        }
        _ = try server.invitation(as: upstream.serviceUser)
        var findings: [Finding] = [.ok("its invite link is read as its user \(upstream.serviceUser)")]
        let there = try server.people(as: upstream.serviceUser)
        var paired = 0
        for standing in try accounts.upstreamStandings() {
            switch standing.state {
            case .paired(let user, _, _):
                paired += 1
                if let other = there.first(where: { $0.id == user }),
                    other.email.lowercased() != standing.email.text
                {
                    findings.append(
                        .warning(
                            "\(standing.email) is user \(user) there, whose address is "
                                + "\(Log.visible(other.email)): if that is somebody else, as after an older backup "
                                + "was restored there: label-studio upstream unlink \(standing.email)"))
                }
                if !there.contains(where: { $0.id == user && $0.organization != nil }) {
                    findings.append(
                        .warning(
                            "\(standing.email) is user \(user) there, who is gone or belongs to no "
                                + "organization; to begin anew: label-studio upstream unlink \(standing.email)"
                        ))
                }
            case .toBeConfirmed:
                findings.append(unconfirmed(standing.email, there))
            case .begun, .new: break
            }
        }
        return findings + [
            .ok("\(paired) \(paired == 1 ? "person is" : "people are") paired with an account there")
        ]
    }

    private static func unconfirmed(_ email: EmailAddress, _ there: [LabelingServer.Person]) -> Finding {
        guard let person = there.first(where: { $0.email.lowercased() == email.text }) else {
            return .warning(
                "\(email) had an account there that nobody confirmed, and has none now; to begin anew: label-studio upstream unlink \(email)"
            )
        }
        return .warning(
            "\(email) has an account there, user \(person.id), and nobody confirmed that it is the person's "
                + "own; if so: label-studio upstream link \(email) --upstream-user \(person.id)")
    }
}

extension LabelingServer {
    /// Whether a Label Studio answers there at all.
    fileprivate var isThere: Bool {
        do {
            _ = try version()
            return true
        } catch {
            return false
        }
    }
}

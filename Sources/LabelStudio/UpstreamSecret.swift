internal import Accounts
internal import Secrets
internal import Upstream

/// The `SECRET_KEY` of the Label Studio behind the gate. It is read from where that
/// keeps it, or where the service manager puts it, and kept nowhere.
enum UpstreamSecret {
    /// - Returns: nil: nobody has said where it is.
    /// - Throws: `Service.Failure` or `Files.Failure`.
    static func read(_ configuration: Configuration) throws -> UpstreamKey? {
        guard let path = configuration.upstreamKeyFile else { return nil }
        guard let key = SecretKeyFile.key(in: try Files.read(path)) else {
            throw Service.Failure(line: "\(path) holds no SECRET_KEY, nor a key on a line of its own")
        }
        return UpstreamKey(key)
    }

    /// - Throws: `Service.Failure` or `Files.Failure`.
    static func needed(_ configuration: Configuration) throws -> UpstreamKey {
        if let key = try read(configuration) { return key }
        throw Service.Failure(line: missing)
    }

    static let missing =
        "say where the key of that Label Studio is: --upstream-env-file, or "
        + "LABEL_STUDIO_UPSTREAM_ENV_FILE, names the .env in its data directory"
}

extension LabelingServer {
    init(at address: UpstreamAddress, key: UpstreamKey) {
        self.init(
            at: address, key: key, randomness: .system, now: { Clock.now().microseconds / 1_000_000 })
    }
}

extension UpstreamFailure {
    /// What went wrong, and what to look at.
    func sentence(_ address: UpstreamAddress) -> String {
        switch self {
        case .unreachable(let reason):
            "no Label Studio is reached at \(address) (\(reason)): does it run, and is this its address?"
        case .slow:
            "the Label Studio at \(address) does not answer in time: look into its log"
        case .wrongKey:
            "the Label Studio at \(address) has another SECRET_KEY than the one that was read: name the .env "
                + "in its data directory, and start it again if that was changed"
        case .unknownUser(let user):
            "the Label Studio at \(address) lets nobody in as its user \(user): does the account exist, is it "
                + "active, and are personal access tokens switched on there (Organization, API Tokens Settings)?"
        case .signUpRefused:
            "the Label Studio at \(address) makes no account, not even by its own invite link: does it belong "
                + "to another database than when it was added?"
        case .emailTaken:
            "the address has an account at \(address) already"
        case .unexpected(let reason):
            "what listens at \(address) does not answer like a Label Studio: \(reason)"
        }
    }
}

internal import Web

extension Setting {
    /// Whether a running service takes over a new value.
    var isReloadable: Bool {
        switch self {
        case .host, .trustedProxies, .allowedOrigins, .siteHosts, .disableSignUpWithoutLink, .throttle,
            .passwordMinimum, .auditDays, .logLevel:
            true
        default: false
        }
    }

    /// Whether the service reads it at all.
    var isOfService: Bool {
        flag?.commands.contains(.fastcgi) ?? true
    }
}

extension Configuration {
    /// What became of a configuration that was read again.
    struct Reloaded {
        /// What is in force from now on.
        var configuration: Configuration
        var changed: [Setting] = []
        /// What is set otherwise than it was at the start, and stays as it was.
        var needsRestart: [Setting] = []
    }

    /// Takes over what can be changed while the service runs.
    func reloaded(as new: Configuration) -> Reloaded {
        var reloaded = Reloaded(configuration: self)
        for setting in Setting.allCases
        where setting.isOfService && fingerprints[setting] != new.fingerprints[setting] {
            if setting.isReloadable {
                reloaded.changed.append(setting)
                reloaded.configuration.fingerprints[setting] = new.fingerprints[setting]
            } else {
                reloaded.needsRestart.append(setting)
            }
        }
        reloaded.configuration.publicAddress = new.publicAddress
        reloaded.configuration.trustedProxies = new.trustedProxies
        reloaded.configuration.allowedOrigins = new.allowedOrigins
        reloaded.configuration.siteHosts = new.siteHosts
        reloaded.configuration.isSignUpOpen = new.isSignUpOpen
        reloaded.configuration.isThrottled = new.isThrottled
        reloaded.configuration.passwordMinimum = new.passwordMinimum
        reloaded.configuration.auditDays = new.auditDays
        reloaded.configuration.logLevel = new.logLevel
        return reloaded
    }
}

internal import Accounts
internal import Web

extension Service {
    /// Reads settings, templates and messages again, and puts a new site in the
    /// place of the one that answers. If any of them is faulty, all stays as it
    /// was, and the log says what is wrong.
    ///
    /// - Parameters:
    ///   - configuration: what is in force; changed, if all is well.
    ///   - read: reads it again from where it was read at the start.
    /// - Returns: whether it was done.
    mutating func reload(
        _ configuration: inout Configuration, of site: CurrentSite, read: () throws -> Configuration
    ) -> Bool {
        do {
            let new = try read()
            let reloaded = configuration.reloaded(as: new)
            let accounts = accounts.following(Accounts.Rules(reloaded.configuration))
            site.replace(by: try self.site(reloaded.configuration, on: accounts))
            self.accounts = accounts
            throttle.isOn = reloaded.configuration.isThrottled
            log.level = reloaded.configuration.logLevel
            if configuration.isThrottled { StartCommand.noteThrottle(reloaded.configuration) }
            configuration = reloaded.configuration
            for warning in new.warnings { log.write(Event(.warning, "setting", [("advice", warning)])) }
            note(reloaded)
            return true
        } catch let faults as Configuration.Faults {
            for line in faults.lines { log.write(Event(.error, "not-reloaded", [("error", line)])) }
        } catch let failure as Failure {
            log.write(Event(.error, "not-reloaded", [("error", failure.line)]))
        } catch {
            log.write(Event(.error, "not-reloaded", [("error", "\(error)")]))
        }
        return false
    }

    /// Names settings, and never what they are set to: that may be a secret.
    private func note(_ reloaded: Configuration.Reloaded) {
        func names(_ settings: [Setting]) -> String {
            settings.isEmpty ? "none" : settings.map { "LABEL_STUDIO_\($0.rawValue)" }.joined(separator: ",")
        }
        log.write(Event(.notice, "reloaded", [("changed", names(reloaded.changed))]))
        guard !reloaded.needsRestart.isEmpty else { return }
        log.write(Event(.warning, "needs-restart", [("changed", names(reloaded.needsRestart))]))
    }
}

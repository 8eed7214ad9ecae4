/// `label-studio check`: looks at a configuration and at what it names, and says
/// what to do. Nothing is changed.
enum CheckCommand {
    /// - Parameter service: the one of the package, if that is checked.
    static func run(
        flags: [Setting: String], environment: [String: String], of service: PackagedService?
    ) -> Int32 {
        var report = CheckReport()
        do {
            let configuration = try Configuration(
                command: .check, flags: flags, environment: environment,
                credentials: service.map { Credentials(source: $0.credentialsDirectory) })
            report.add(SettingsCheck.findings(configuration, path: environment["PATH"] ?? ""))
            // What root may look at, and the owner of the database perhaps not.
            report.add(KeyCheck.findings(configuration))
            report.add(ResponderCheck.findings(configuration))
            // The rest is seen with the eyes of the service.
            let owned = try Superuser.giveUp(for: configuration)
            report.add(PlacesCheck.findings(owned))
            report.add(DatabaseCheck.findings(owned))
            if let address = owned.publicAddress {
                SiteCheck(address).run { report.add([$0]) }
            } else if service != nil {
                report.add(NginxCheck().findings)
            }
        } catch let faults as Configuration.Faults {
            report.add(faults.lines.map { .fault($0) })
        } catch let failure as Service.Failure {
            report.add([.fault(failure.line)])
        } catch {
            report.add([.fault("\(error)")])
        }
        report.end()
        return report.faults == 0 ? 0 : 1
    }
}

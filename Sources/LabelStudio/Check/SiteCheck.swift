internal import Glibc
internal import TLS
internal import Web

/// The site as people reach it: name, connection, certificate and answer.
struct SiteCheck {
    private let address: PublicAddress
    /// Without brackets and port.
    private let host: String
    private let port: UInt16

    init(_ address: PublicAddress) {
        self.address = address
        let text = address.host
        let end =
            text.hasPrefix("[")
            ? text.firstIndex(of: "]").map { text.index(after: $0) } : text.firstIndex(of: ":")
        let name = text[..<(end ?? text.endIndex)]
        host = String(name.hasPrefix("[") ? name.dropFirst().dropLast() : name)
        let digits = end.map { text[$0...].dropFirst() } ?? ""
        port = UInt16(digits) ?? (address.isSecure ? 443 : 80)
    }

    /// - Parameter report: is told of each finding at once: this may take a while.
    func run(_ report: (Finding) -> Void) {
        // OpenSSL writes to a server that has gone: a fault to tell, no end of ours.
        signal(SIGPIPE, SIG_IGN)
        let connection: OutgoingConnection
        do {
            connection = try OutgoingConnection(host: host, port: port)
        } catch {
            return report(
                .fault(
                    "\(host), port \(port), is not reached (\(error.reason)): look at DNS, the firewall and nginx"
                ))
        }
        report(.ok("\(host), port \(port), is reached at \(connection.address)"))
        guard address.isSecure else {
            return report(answer(write: connection.write, read: connection.read))
        }
        do {
            let probe = try TLSProbe(socket: connection.descriptor, host: host)
            certificateFindings(probe).forEach(report)
            report(answer(write: probe.write, read: probe.read))
        } catch {
            report(
                .fault("\(host), port \(port), speaks no TLS (\(error)): look at ssl in the site of nginx"))
        }
    }

    /// Renewal is tried 30 days before the end: with two weeks left it has failed.
    private static let warningDays: Int64 = 14

    private func certificateFindings(_ probe: TLSProbe) -> [Finding] {
        var findings: [Finding] = []
        let days = probe.secondsLeft / 86_400
        if !probe.isFor(host) {
            findings.append(
                .fault(
                    "the certificate is not for \(host), but for: \(probe.names); get one for this name, or mend LABEL_STUDIO_HOST"
                ))
        }
        if probe.secondsLeft < 0 {
            findings.append(
                .fault("the certificate has expired: renew it, such as by certbot renew, and reload nginx"))
        } else if let distrust = probe.distrust {
            findings.append(
                .fault(
                    "this machine does not trust the certificate (\(distrust)): is the whole chain in nginx's ssl_certificate?"
                ))
        }
        if (0..<Self.warningDays).contains(days), probe.secondsLeft >= 0 {
            findings.append(
                .warning(
                    "the certificate ends in \(days) days: renew it, such as by certbot renew, and reload nginx"
                ))
        }
        return findings.isEmpty
            ? [.ok("the certificate is for \(host) and valid for \(days) days")] : findings
    }

    /// Asks for /health. The answer is short; what is longer is none of ours.
    private func answer(write: ([UInt8]) -> Bool, read: () -> [UInt8]?) -> Finding {
        let target = address.prefix + "/health"
        let request = "GET \(target) HTTP/1.1\r\nHost: \(address.host)\r\nConnection: close\r\n\r\n"
        var bytes: [UInt8] = []
        let end = ContinuousClock.now + .seconds(10)
        guard write(Array(request.utf8)) else { return .fault("\(host) takes no request") }
        while bytes.count < 65_536, ContinuousClock.now < end, let part = read(), !part.isEmpty {
            bytes += part
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let status = Int(text.split(separator: " ", maxSplits: 2).dropFirst().first ?? "") ?? 0
        switch status {
        case 200 where text.contains(#""status":"UP""#):
            return .ok("\(target) there answers that all is well")
        case 503 where text.contains(#""status":"DOWN""#):
            return .fault(
                "\(target) there answers that accounts cannot be read or written: look into the log of the responder"
            )
        case 502...504:
            return .fault(
                "nginx answers \(status): the responder does not run, or nginx may not use its socket")
        case 301, 302, 307, 308:
            return .fault(
                "\(target) there is a redirect: set LABEL_STUDIO_HOST to the address where people arrive")
        case 0:
            return .fault("\(host) does not answer \(target)")
        default:
            return .fault(
                "\(target) there is not ours (status \(status)): does the site of nginx lead to the responder?"
            )
        }
    }
}

/// nginx on this machine, before the public address of the site is known.
struct NginxCheck {
    /// The site of the package: who installs it links it there.
    var site = "/etc/nginx/sites-enabled/label-studio"
    /// Where nginx listens, of which one is enough.
    var ports: [UInt16] = [443, 80]

    var findings: [Finding] {
        [
            Files.exists(site)
                ? .ok("the site of nginx is enabled: \(site)")
                : .warning(
                    "there is no \(site): unless another site leads to the responder, set the name in "
                        + "/etc/nginx/sites-available/label-studio, link that file there, and reload nginx"),
            answer,
        ]
    }

    private var answer: Finding {
        if let port = ports.first(where: isAnswered) {
            return .ok("nginx answers on port \(port) of this machine")
        }
        let names = ports.map(String.init).joined(separator: " or ")
        return .warning(
            "nobody answers on 127.0.0.1, port \(names): install nginx, or look at systemctl status nginx; "
                + "if it listens elsewhere, set LABEL_STUDIO_HOST, and that is tried")
    }

    /// nginx answers a request without TLS on a port with TLS, too. One that ends
    /// the connection without a word is there, and has not to talk to strangers.
    private func isAnswered(_ port: UInt16) -> Bool {
        guard let connection = try? OutgoingConnection(host: "127.0.0.1", port: port) else { return false }
        let request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        return connection.write(Array(request.utf8)) && connection.read() != nil
    }
}

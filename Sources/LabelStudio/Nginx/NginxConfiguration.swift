internal import Glibc
internal import Upstream
internal import Web

/// The configuration of the nginx that `label-studio start` runs: everything it
/// writes is in the data directory; what it serves is described by the same
/// files that any other configuration includes.
struct NginxConfiguration {
    let directory: String
    private let resources: Resources
    private let listen: String
    private let photos: String
    private let prefix: String
    /// Whether nginx limits too. Not behind a proxy: all clients would look like one.
    private let isLimited: Bool
    private let labelingServer: UpstreamAddress?
    /// Where a server listens if it listens on all addresses: for the check.
    let probe: (host: String, port: UInt16)

    var socket: String { directory + "/responder.sock" }
    var file: String { directory + "/nginx.conf" }
    private var errorLog: String { directory + "/error.log" }

    init(_ configuration: Configuration) {
        directory = configuration.dataDirectory + "/nginx"
        resources = configuration.resources
        isLimited = configuration.isThrottled && configuration.trustedProxies.isEmpty
        photos = configuration.photos
        labelingServer = configuration.upstream
        prefix = (configuration.publicAddress?.prefix ?? "") + Site.ownPages(configuration.upstream != nil)
        let address = configuration.listenAddress
        listen = (address.contains(":") ? "[\(address)]" : address) + ":\(configuration.port)"
        let probeHost = address == "0.0.0.0" ? "127.0.0.1" : address == "::" ? "::1" : address
        probe = (probeHost, configuration.port)
    }

    /// nginx would take it for the beginning of a variable.
    var hasDollar: Bool {
        (directory + resources.nginx + prefix).utf8.contains(UInt8(ascii: "$"))
    }

    /// `sun_path` of unix(7) has 108 bytes, the last of them a NUL.
    var socketFits: Bool {
        socket.utf8.count <= 107
    }

    func write() throws {
        for part in ["", "/body", "/fastcgi", "/proxy", "/scgi", "/uwsgi"] {
            try Files.makeDirectory(directory + part)
        }
        unsafe unlink(errorLog)
        try Files.write(Array(text.utf8), to: file)
    }

    /// The last line that nginx wrote about a fault.
    var lastError: String {
        let lines = (try? Files.read(errorLog)).map {
            String(decoding: $0, as: UTF8.self).split(separator: "\n")
        }
        return lines?.last.map(String.init) ?? "see \(errorLog)"
    }

    private var text: String {
        """
        # Written by label-studio at each start; changes are lost.
        daemon off;
        \(getuid() == 0 ? "user root;" : "")
        worker_processes auto;
        # Twice the connections: one may need a file, too.
        worker_rlimit_nofile 8192;
        worker_shutdown_timeout 10s;
        pid \(quoted(directory + "/nginx.pid"));
        # Not below alert: other lines hold whole requests, invite links included.
        error_log \(quoted(errorLog)) alert;

        events {
            # A visitor takes one, and a request that waits for the responder another.
            worker_connections 4096;
        }

        http {
            client_body_temp_path \(quoted(directory + "/body"));
            fastcgi_temp_path     \(quoted(directory + "/fastcgi"));
            proxy_temp_path       \(quoted(directory + "/proxy"));
            scgi_temp_path        \(quoted(directory + "/scgi"));
            uwsgi_temp_path       \(quoted(directory + "/uwsgi"));

            \(included("http"))
            access_log \(quoted(directory + "/access.log")) label_studio;

            upstream label_studio {
                server \(quoted("unix:" + socket));
                \(included("upstream"))
            }
            \(labelingServerGroup)

            server {
                listen \(listen) backlog=4096;
                set $label_studio_responder label_studio;
                set $label_studio_files     \(quoted(resources.nginx));
                set $label_studio_photos    \(quoted(photos));
                set $label_studio_prefix    \(quoted(prefix));
                # HSTS is for whoever has the certificate to send.
                set $label_studio_hsts      "";
                \(included("server"))
                \(included("errors"))
                \(included("gate-check"))
                location \(labelingServer == nil ? "/" : Self.besideLabelingServer) {
                    \(included("fastcgi"))
                    \(isLimited ? included("limits") : "")
                    \(included("locations"))
                }
                \(labelingServerLocation)
            }
        }

        """
    }

    /// The addresses that stay ours if a labeling server has the rest of them; as in
    /// `nginx/label-studio.site`.
    static let besideLabelingServer =
        "~ \"^/(?:user|logout|organization|people|health|-/accounts|\\.well-known/change-password"
        + "|api/(?:invite|token|jwt|session-policy|current-user/(?:token|reset-token)))(?:/|$)\""

    private var labelingServerGroup: String {
        guard let labelingServer else { return "" }
        return """
            upstream labeling_server {
                server \(quoted(labelingServer.nginxAddress));
                keepalive 16;
            }
            """
    }

    private var labelingServerLocation: String {
        guard labelingServer != nil else { return "" }
        return """
            set $label_studio_behind labeling_server;
            location / {
                \(included("gate"))
                \(included("labeling-server"))
            }
            """
    }

    /// A file that every other configuration includes, too.
    private func included(_ name: String) -> String {
        "include \(quoted(resources.nginx + "/" + name + ".conf"));"
    }

    /// A parameter of a directive, whatever it holds.
    private func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text {
            if character == "\"" || character == "\\" { quoted.append("\\") }
            quoted.append(character)
        }
        return quoted + "\""
    }
}

import Accounts
import HTTP
import Secrets

@testable import Web

/// The exchanges of one subject, written down.
final class Transcript {
    private(set) var text: String
    private(set) var exchanges: [Exchange] = []
    private(set) var worlds: [World] = []

    struct Exchange: Sendable {
        let request: Request
        let response: Response
        let entrance: Entrance?
    }

    /// By which route a request comes in, and whether as somebody.
    struct Entrance: Sendable, Hashable {
        let route: String
        let method: String
        let isLoggedIn: Bool
    }

    init(title: String) {
        text = "# \(title)\n"
    }

    func world(
        isSignUpOpen: Bool = true, address: String? = nil, proxies: [String] = [],
        allowedOrigins: [String] = [], labelingServer: String? = nil, siteHosts: [String] = []
    ) throws -> World {
        let world = try World(
            isSignUpOpen: isSignUpOpen, address: address, proxies: proxies, allowedOrigins: allowedOrigins,
            labelingServer: labelingServer, siteHosts: siteHosts)
        worlds.append(world)
        return world
    }

    func add(_ caption: String, _ request: Request, _ response: Response, _ entrance: Entrance?) {
        exchanges.append(Exchange(request: request, response: response, entrance: entrance))
        text += "\n\(Self.separator)\(caption)\n\n\(request.transcript)\n\(response.transcript(to: request))"
    }

    static let separator = "======== "

    /// Nil if it is no route of ours.
    func entrance(_ request: Request, _ world: World) -> Entrance? {
        let path = Target(parsing: request.target).path?.removing(prefix: world.prefix)
        guard let route = path.flatMap(Route.matching)?.route else { return nil }
        return Entrance(
            route: route.name, method: request.method.name,
            isLoggedIn: isLoggedIn(request.header, world.accounts))
    }

    private func isLoggedIn(_ header: Request.Header, _ accounts: Accounts) -> Bool {
        let cookies = (header.cookie ?? "").split(separator: "; ").map { $0.split(separator: "=") }
        let session = cookies.first { $0.count == 2 && $0[0].contains("sessionid") }.map { String($0[1]) }
        if let token = session.map(SecretToken.init(claimed:)) {
            let host = header.host ?? ""
            let standings = [
                try? accounts.standing(session: token, from: .commandLine),
                try? accounts.standing(siteSession: token, at: host, from: .commandLine),
            ]
            if standings.contains(where: { $0?.visitor != nil }) { return true }
        }
        let key = header.apiKey ?? header.authorization?.split(separator: " ").last.map(String.init)
        guard let key, case .some(.some) = try? accounts.requester(apiToken: key) else { return false }
        return true
    }
}

extension Route {
    var name: String {
        "/"
            + pattern.map { segment in
                switch segment {
                case .literal(let text): text
                case .number: "#"
                case .anything: "*"
                }
            }.joined(separator: "/")
    }
}

extension Request {
    /// As on the wire between browser and web server, and what that adds.
    var transcript: String {
        var text = "\(method.name) \(target) HTTP/1.1\n"
        for (name, value) in header.all { text += "\(name): \(value)\n" }
        if scheme != "http" || remoteAddress != "192.0.2.10" {
            text += "(over \(scheme), from \(remoteAddress))\n"
        }
        if let gate { text += "(asked at the gate: a \(gate))\n" }
        switch body {
        case .complete([]): break
        case .complete(let bytes) where bytes.count > 20_000: text += "\n(a body of \(bytes.count) bytes)\n"
        case .complete(let bytes): text += "\n\(visible(bytes))\n"
        case .tooLarge: text += "\n(a body longer than is read)\n"
        case .cutOff: text += "\n(a body that ends too early)\n"
        }
        return text
    }
}

extension Request.Header {
    var all: [(String, String)] {
        let fields = [
            ("Host", host), ("Cookie", cookie), ("Content-Type", contentType), ("Origin", origin),
            ("Sec-Fetch-Site", secFetchSite), ("User-Agent", userAgent), ("Authorization", authorization),
            ("X-Api-Key", apiKey),
            ("X-CSRFToken", csrfToken), ("X-Forwarded-For", forwardedFor),
            ("X-Forwarded-Proto", forwardedProto), ("X-Forwarded-Host", forwardedHost),
        ]
        return fields.compactMap { name, value in value.map { (name, $0) } }
    }
}

extension Response {
    /// As it goes to the web server; the responder leaves out the body of an
    /// answer to HEAD.
    func transcript(to request: Request) -> String {
        let head = String(decoding: head, as: UTF8.self).split(separator: "\r\n").joined(separator: "\n")
        guard !body.isEmpty else { return "\(head)\n" }
        if request.method == .head { return "\(head)\n\n(no body is sent)\n" }
        let body = visible(body)
        return "\(head)\n\n\(body)\(body.hasSuffix("\n") ? "" : "\n")"
    }
}

/// Control characters as their pictures (␍), so that a transcript is plain text.
private func visible(_ bytes: [UInt8]) -> String {
    var text = ""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
        let isControl = scalar.value < 0x20 && scalar != "\n"
        text.unicodeScalars.append(isControl ? Unicode.Scalar(0x2400 + scalar.value)! : scalar)
    }
    return text
}

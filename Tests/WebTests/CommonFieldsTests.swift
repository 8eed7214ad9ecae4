import HTTP
import Testing

@testable import Web

struct CommonFieldsTests {
    private static let expected = [
        "Content-Security-Policy":
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
            + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    ]

    private func check(_ response: Response, _ request: String) {
        for (name, value) in Self.expected {
            #expect(response.values(name) == [value], "\(name) of \(request)")
        }
        let names = response.fields.map { $0.name.lowercased() }.filter { $0 != "set-cookie" }
        #expect(Set(names).count == names.count, "a field twice: \(request)")
        let hasBody = !response.body.isEmpty
        #expect(response.values("Content-Type").count == (hasBody ? 1 : 0), "\(request)")
        // The site file of TLS sends it, never this program.
        #expect(response.values("Strict-Transport-Security").isEmpty)
        for name in ["Server", "X-Powered-By", "Clear-Site-Data", "Access-Control-Allow-Credentials"] {
            #expect(response.values(name).isEmpty, "\(name) of \(request)")
        }
        // The only one that any test allows.
        #expect(
            response.values("Access-Control-Allow-Origin").allSatisfy { $0 == "https://tools.example" },
            "\(request)")
    }

    @Test func `every response of every route has each common field once`() throws {
        let world = try World()
        let ada = Browser.member("ada@example.org", in: world)
        for route in Route.table {
            for method in ["GET", "HEAD", "POST", "OPTIONS", "PUT"] {
                for browser in [ada.copy(), Browser(world)] {
                    check(browser.send(.init(method), route.address), "\(method) \(route.name)")
                    let response = browser.send(.init(method), route.address) {
                        $0.header.origin = browser.origin
                    }
                    check(response, "\(method) \(route.name), from our page")
                }
            }
        }
    }

    @Test func `every response of the transcripts has each common field once`() throws {
        // What is told to nginx at the gate goes to no browser.
        let played = try Subject.allPlayed.flatMap { try $0.1.get().exchanges }
        for exchange in played where exchange.request.gate == nil {
            check(exchange.response, "\(exchange.request.method.name) \(exchange.request.target)")
        }
    }

    @Test func `a cookie is for us alone`() throws {
        for exchange in try Subject.allPlayed.flatMap({ try $0.1.get().exchanges }) {
            for cookie in exchange.response.values("Set-Cookie") {
                #expect(cookie.hasSuffix("; HttpOnly; SameSite=Lax"), "\(cookie)")
                #expect(cookie.utf8.count < 4096)
                #expect(!cookie.contains("Domain"))
                if cookie.hasPrefix("__Host-") { #expect(cookie.contains("; Path=/; Secure; ")) }
                let isSecure =
                    exchange.request.scheme == "https" || exchange.request.header.forwardedProto == "https"
                if isSecure, exchange.request.remoteAddress.hasPrefix("10.") {
                    #expect(cookie.contains("; Secure; "), "\(cookie)")
                }
            }
        }
    }

    @Test func `redirects lead to paths of ours only, but from another host of ours to our pages`() throws {
        for exchange in try Subject.allPlayed.flatMap({ try $0.1.get().exchanges }) {
            guard let location = exchange.response.location else { continue }
            let isFromSite = exchange.request.header.host == Traveller.host
            #expect(
                location.hasPrefix("/") && !location.hasPrefix("//")
                    || isFromSite && location.hasPrefix(Traveller.address + "/"), "\(location)")
            #expect(location.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") })
            // At the gate nginx makes a redirect of it.
            #expect(exchange.response.status == (exchange.request.gate == nil ? .found : .unauthorized))
        }
    }
}

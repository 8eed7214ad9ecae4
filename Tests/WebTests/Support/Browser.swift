import HTTP
import Testing

@testable import Web

/// A person with a browser: keeps cookies, sends the token of the page it saw
/// last with a form, and says where the form comes from.
final class Browser {
    let world: World
    let transcript: Transcript?
    var scheme = "http"
    var host = "labels.example:8080"
    var remoteAddress = "192.0.2.10"
    var cookies: [(name: String, value: String)] = []
    /// The hidden token of the page that was seen last.
    private(set) var formToken: String?

    init(_ world: World, _ transcript: Transcript? = nil) {
        self.world = world
        self.transcript = transcript
    }

    /// What the web server calls each request.
    static let reference = "5eed0000-c0de-4000-8000-0000000f0e0d"

    var origin: String { "\(scheme)://\(host)" }

    @discardableResult
    func get(
        _ target: String, _ caption: String = "", _ change: (inout Request) -> Void = { _ in }
    ) -> Response {
        send(.get, target, caption, change)
    }

    /// Sends a form as browsers do.
    @discardableResult
    func post(
        _ target: String, _ fields: KeyValuePairs<String, String> = [:], _ caption: String = "",
        _ change: (inout Request) -> Void = { _ in }
    ) -> Response {
        let token = formToken.map { [(key: FormTokens.fieldName, value: $0)] } ?? []
        let body = Self.encode(token + fields)
        return send(.post, target, caption) { request in
            request.header.contentType = "application/x-www-form-urlencoded"
            request.header.origin = origin
            request.header.secFetchSite = "same-origin"
            request.body = .complete(Array(body.utf8))
            change(&request)
        }
    }

    /// Sends a form with a file, as browsers do.
    @discardableResult
    func upload(
        _ target: String, _ file: [UInt8], named name: String = "me.png", _ caption: String = "",
        _ change: (inout Request) -> Void = { _ in }
    ) -> Response {
        var body = ""
        if let formToken {
            body += "--limit\r\nContent-Disposition: form-data; name=\"\(FormTokens.fieldName)\"\r\n\r\n"
            body += "\(formToken)\r\n"
        }
        body += "--limit\r\nContent-Disposition: form-data; name=\"avatar\"; filename=\"\(name)\"\r\n"
        body += "Content-Type: image/png\r\n\r\n"
        let bytes = Array(body.utf8) + file + Array("\r\n--limit--\r\n".utf8)
        return send(.post, target, caption) { request in
            request.header.contentType = "multipart/form-data; boundary=limit"
            request.header.origin = origin
            request.header.secFetchSite = "same-origin"
            request.body = .complete(bytes)
            change(&request)
        }
    }

    /// Sends JSON, as programs do.
    @discardableResult
    func call(
        _ method: HTTP.Method, _ target: String, _ json: String, _ caption: String = "",
        _ change: (inout Request) -> Void = { _ in }
    ) -> Response {
        send(method, target, caption) { request in
            request.header.contentType = "application/json"
            request.header.origin = origin
            request.header.secFetchSite = "same-origin"
            request.body = .complete(Array(json.utf8))
            change(&request)
        }
    }

    @discardableResult
    func send(
        _ method: HTTP.Method, _ target: String, _ caption: String = "",
        _ change: (inout Request) -> Void = { _ in }
    ) -> Response {
        var request = Request(
            method: method, target: target, scheme: scheme, remoteAddress: remoteAddress)
        request.reference = Self.reference
        request.header.host = host
        request.header.cookie =
            cookies.isEmpty ? nil : cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
        change(&request)
        // Before: a request can begin or end a session.
        let entrance = transcript?.entrance(request, world)
        let response = world.site.answer(request)
        keepCookies(of: response)
        if let token = Self.hiddenToken(in: response) { formToken = token }
        transcript?.add(caption, request, response, entrance)
        return response
    }

    /// Logs in as a person who signs up, without a word in the transcript.
    static func member(
        _ email: String, in world: World, _ transcript: Transcript? = nil, token: String? = nil,
        _ change: (Browser) -> Void = { _ in }
    ) -> Browser {
        let silent = Browser(world)
        change(silent)
        let query = token.map { "?token=\($0)" } ?? ""
        let prefix = world.prefix.map { "/\($0)" }.joined()
        let response = silent.post(
            "\(prefix)/user/signup/\(query)", ["email": email, "password": Person.password])
        #expect(response.status == .found, "\(email) cannot sign up")
        let browser = Browser(world, transcript)
        browser.cookies = silent.cookies
        change(browser)
        return browser
    }

    /// A copy, as of a stolen cookie.
    func copy() -> Browser {
        let copy = Browser(world, transcript)
        copy.cookies = cookies
        copy.formToken = formToken
        copy.scheme = scheme
        copy.host = host
        return copy
    }

    static func encode(_ fields: [(key: String, value: String)]) -> String {
        fields.map { "\(encode($0.key))=\(encode($0.value))" }.joined(separator: "&")
    }

    private static func encode(_ text: String) -> String {
        PercentCoding.encode(text).split(separator: "%20", omittingEmptySubsequences: false)
            .joined(separator: "+")
    }

    private static func hiddenToken(in response: Response) -> String? {
        String(decoding: response.body, as: UTF8.self)
            .firstMatch(of: /name="csrfmiddlewaretoken" value="([^"]*)"/).map { String($0.1) }
    }

    private func keepCookies(of response: Response) {
        for field in response.fields where field.name == "Set-Cookie" {
            let pair = field.value.split(separator: ";")[0].split(separator: "=", maxSplits: 1)
            cookies.removeAll { $0.name == pair[0] }
            if pair.count == 2 { cookies.append((String(pair[0]), String(pair[1]))) }
        }
    }
}

/// What the people of the tests type.
enum Person {
    static let password = "violet kettle 42"
    static let newPassword = "amber lantern 77"
}

extension Response {
    /// The values of a header field.
    func values(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    var location: String? { values("Location").first }

    var text: String { String(decoding: body, as: UTF8.self) }
}

internal import Glibc
internal import HTTP

extension Request {
    /// Reads the parameters that we know, `NAME=value` texts up to the null
    /// pointer that ends them; without a method or target, those stay empty.
    ///
    /// - Parameter body: given the announced length, the body.
    init(
        parameters: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, isFromInside: Bool,
        body: (_ announced: String?) -> Body
    ) {
        self.init(method: .other(""), target: "")
        self.isFromInside = isFromInside
        var announced: String?
        var next = unsafe parameters
        while let entry = unsafe next.pointee {
            if let (field, value) = unsafe Parameters.parse(entry) {
                if field == .contentLength { announced = value } else { set(field, value) }
            }
            unsafe next += 1
        }
        self.body = body(announced)
    }

    private mutating func set(_ field: Parameters.Field, _ value: String) {
        switch field {
        case .method: method = Method(value)
        case .target: target = value
        case .scheme: scheme = value
        case .remoteAddress: remoteAddress = value
        case .reference: reference = value
        case .contentLength: break  // Of the body; not part of the request.
        case .contentType: header.contentType = value
        case .host: header.host = value
        case .cookie: header.cookie = value
        case .origin: header.origin = value
        case .secFetchSite: header.secFetchSite = value
        case .userAgent: header.userAgent = value
        case .authorization: header.authorization = value
        case .apiKey: header.apiKey = value
        case .csrfToken: header.csrfToken = value
        case .forwardedFor: header.forwardedFor = value
        case .forwardedProto: header.forwardedProto = value
        case .forwardedHost: header.forwardedHost = value
        // What is not known here is no less a question.
        case .gate: gate = GateQuestion(rawValue: value) ?? .call
        case .gatedSite: isForLabelingServer = value == "labeling-server"
        }
    }
}

/// The parameters of a request that we read: the names of `nginx/fastcgi.conf`
/// and `nginx/gate-check.conf`.
private enum Parameters {
    /// Nil if it is none of our fields, or empty, which counts as absent.
    static func parse(_ entry: UnsafePointer<CChar>) -> (Field, String)? {
        guard let separator = unsafe strchr(entry, Int32(UInt8(ascii: "="))) else { return nil }
        let length = unsafe separator - UnsafeMutablePointer(mutating: entry)
        let value = unsafe separator + 1
        guard unsafe value.pointee != 0, let field = unsafe field(entry, length) else { return nil }
        return (field, unsafe String(cString: value))
    }

    private static func field(_ name: UnsafePointer<CChar>, _ length: Int) -> Field? {
        for known in fields where known.name.utf8CodeUnitCount == length {
            if unsafe memcmp(name, known.name.utf8Start, length) == 0 { return known.field }
        }
        return nil
    }

    enum Field {
        case method, target, scheme, remoteAddress, contentLength, contentType, host, cookie, origin
        case secFetchSite, userAgent, authorization, apiKey, csrfToken, forwardedFor, forwardedProto,
            forwardedHost, gate, gatedSite, reference
    }

    private static let fields: [(name: StaticString, field: Field)] = [
        ("REQUEST_METHOD", .method),
        ("REQUEST_URI", .target),
        ("REQUEST_SCHEME", .scheme),
        ("REMOTE_ADDR", .remoteAddress),
        ("CONTENT_LENGTH", .contentLength),
        ("CONTENT_TYPE", .contentType),
        ("HTTP_HOST", .host),
        ("HTTP_COOKIE", .cookie),
        ("HTTP_ORIGIN", .origin),
        ("HTTP_SEC_FETCH_SITE", .secFetchSite),
        ("HTTP_USER_AGENT", .userAgent),
        ("HTTP_AUTHORIZATION", .authorization),
        ("HTTP_X_API_KEY", .apiKey),
        ("HTTP_X_CSRFTOKEN", .csrfToken),
        ("HTTP_X_FORWARDED_FOR", .forwardedFor),
        ("HTTP_X_FORWARDED_PROTO", .forwardedProto),
        ("HTTP_X_FORWARDED_HOST", .forwardedHost),
        ("LABEL_STUDIO_REFERENCE", .reference),
        ("LABEL_STUDIO_GATE", .gate),
        ("LABEL_STUDIO_GATE_SITE", .gatedSite),
    ]
}

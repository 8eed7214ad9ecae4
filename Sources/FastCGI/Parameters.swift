internal import Glibc
internal import HTTP

/// The parameters of a request that we read: the names of `nginx/fastcgi.conf`.
struct Parameters {
    var method: String?
    var target: String?
    var scheme: String?
    var remoteAddress: String?
    var contentLength: String?
    var header = Request.Header()

    /// Reads `NAME=value` texts, up to the null pointer that ends them.
    mutating func read(_ entries: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) {
        var next = unsafe entries
        while let entry = unsafe next.pointee {
            unsafe read(entry: entry)
            unsafe next += 1
        }
    }

    private mutating func read(entry: UnsafePointer<CChar>) {
        guard let separator = unsafe strchr(entry, Int32(UInt8(ascii: "="))) else { return }
        let length = unsafe separator - UnsafeMutablePointer(mutating: entry)
        let value = unsafe separator + 1
        // An empty value counts as absent.
        guard unsafe value.pointee != 0, let field = unsafe Self.field(entry, length) else { return }
        set(field, unsafe String(cString: value))
    }

    private static func field(_ name: UnsafePointer<CChar>, _ length: Int) -> Field? {
        for known in fields where known.name.utf8CodeUnitCount == length {
            if unsafe memcmp(name, known.name.utf8Start, length) == 0 { return known.field }
        }
        return nil
    }

    private enum Field {
        case method, target, scheme, remoteAddress, contentLength, contentType, host, cookie, origin
        case secFetchSite, userAgent, authorization, apiKey, csrfToken, forwardedFor, forwardedProto,
            forwardedHost
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
    ]

    private mutating func set(_ field: Field, _ value: String) {
        switch field {
        case .method: method = value
        case .target: target = value
        case .scheme: scheme = value
        case .remoteAddress: remoteAddress = value
        case .contentLength: contentLength = value
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
        }
    }
}

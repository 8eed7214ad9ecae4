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
        var length = 0
        while unsafe entry[length] != 0, unsafe entry[length] != CChar(UInt8(ascii: "=")) { length += 1 }
        // An empty value counts as absent.
        guard unsafe entry[length] != 0, unsafe entry[length + 1] != 0 else { return }
        let name = unsafe UnsafeRawBufferPointer(start: entry, count: length)
        let value = unsafe entry + length + 1
        switch unsafe String(decoding: name, as: UTF8.self) {
        case "REQUEST_METHOD": unsafe method = String(cString: value)
        case "REQUEST_URI": unsafe target = String(cString: value)
        case "REQUEST_SCHEME": unsafe scheme = String(cString: value)
        case "REMOTE_ADDR": unsafe remoteAddress = String(cString: value)
        case "CONTENT_LENGTH": unsafe contentLength = String(cString: value)
        case "CONTENT_TYPE": unsafe header.contentType = String(cString: value)
        case "HTTP_HOST": unsafe header.host = String(cString: value)
        case "HTTP_COOKIE": unsafe header.cookie = String(cString: value)
        case "HTTP_ORIGIN": unsafe header.origin = String(cString: value)
        case "HTTP_SEC_FETCH_SITE": unsafe header.secFetchSite = String(cString: value)
        case "HTTP_AUTHORIZATION": unsafe header.authorization = String(cString: value)
        case "HTTP_X_API_KEY": unsafe header.apiKey = String(cString: value)
        case "HTTP_X_CSRFTOKEN": unsafe header.csrfToken = String(cString: value)
        case "HTTP_X_FORWARDED_FOR": unsafe header.forwardedFor = String(cString: value)
        case "HTTP_X_FORWARDED_PROTO": unsafe header.forwardedProto = String(cString: value)
        case "HTTP_X_FORWARDED_HOST": unsafe header.forwardedHost = String(cString: value)
        default: break
        }
    }
}

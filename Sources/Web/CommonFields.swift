internal import HTTP

extension Site {
    /// The header fields of every response of ours. nginx adds the same to its
    /// static files and its own error pages, and none to ours.
    func addCommonFields(to response: inout Response) {
        response.add("Content-Security-Policy", Self.contentSecurityPolicy)
        response.add("Cross-Origin-Embedder-Policy", "require-corp")
        response.add("Cross-Origin-Opener-Policy", "same-origin")
        response.add("Cross-Origin-Resource-Policy", "same-origin")
        response.add("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
        // Not `no-referrer`: with it, browsers send `Origin: null` from our forms.
        response.add("Referrer-Policy", "same-origin")
        response.add("X-Content-Type-Options", "nosniff")
        response.add("Cache-Control", "no-store")
    }

    private static let contentSecurityPolicy = """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
        form-action 'self'; base-uri 'none'; frame-ancestors 'none'
        """
}

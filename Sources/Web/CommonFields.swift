internal import HTTP

extension Site {
    /// The header fields of every response of ours. nginx sets those of
    /// its static files and its own error pages, and adds none to ours.
    func addCommonFields(to response: inout Response) {
        response.add(Self.commonFields)
    }

    private static let commonFields: HeaderFields = {
        var fields = HeaderFields()
        fields.add("Content-Security-Policy", contentSecurityPolicy)
        fields.add("Cross-Origin-Embedder-Policy", "require-corp")
        fields.add("Cross-Origin-Opener-Policy", "same-origin")
        fields.add("Cross-Origin-Resource-Policy", "same-origin")
        fields.add("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
        // Not `no-referrer`: with it, browsers send `Origin: null` from our forms.
        fields.add("Referrer-Policy", "same-origin")
        fields.add("X-Content-Type-Options", "nosniff")
        fields.add("Cache-Control", "no-store")
        return fields
    }()

    private static let contentSecurityPolicy = """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
        form-action 'self'; base-uri 'none'; frame-ancestors 'none'
        """
}

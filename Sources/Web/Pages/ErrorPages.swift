internal import Accounts
internal import HTTP
internal import Secrets
internal import Templates

extension Site {
    /// The answer to what cannot be answered: a page, or JSON under `/api/`.
    func errorPage(_ status: Status, _ visit: Visit, reference: String? = nil) -> Response {
        if visit.isAPI { return apiError(status, detail(of: status, visit)) }
        var page = Page(.error, title: sentence(heading(of: status)), status: status)
        page.values.set("STATUS", "\(status.rawValue)")
        page.values.set("HEADING", sentence(heading(of: status)))
        page.values.set("TEXT", sentence(text(of: status)))
        page.values.set("ADVICE", sentence(advice(of: status)))
        if let reference {
            var values = Values()
            values.set("REFERENCE_ID", reference)
            page.values.add("REFERENCE", values)
        }
        return renderWithoutFail(page, visit)
    }

    /// A form that did not come from a page of ours. Behind a proxy that hides
    /// the public address, operators see this first.
    func foreignRequestPage(_ visit: Visit, received: String) -> Response {
        if visit.isAPI {
            return apiError(
                .forbidden,
                "CSRF Failed: the request came from \(received), but this site is \(visit.address.origin).")
        }
        var page = Page(.error, title: sentence(.foreignRequestHeading), status: .forbidden)
        page.values.set("STATUS", "\(Status.forbidden.rawValue)")
        page.values.set("HEADING", sentence(.foreignRequestHeading))
        page.values.set("TEXT", sentence(.foreignRequestText))
        page.values.set("ADVICE", "")
        var origins = Values()
        origins.set("EXPECTED_ORIGIN", visit.address.origin)
        origins.set("RECEIVED_ORIGIN", received)
        page.values.add("ORIGINS", origins)
        return renderWithoutFail(page, visit)
    }

    /// 80 random bits: they stand in the log and on the page.
    func newReference() -> String {
        Encoding.hexadecimal(randomness.bytes(10))
    }

    /// Even the page about a failure can fail: then there are words at least.
    private func renderWithoutFail(_ page: Page, _ visit: Visit) -> Response {
        do {
            return try render(page, visit)
        } catch {
            log(Event(.error, "error-page-failed", [("error", "\(error)")]))
            let text = "\(page.status.rawValue) \(page.status.phrase)\n"
            return Response(page.status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
        }
    }

    private func heading(of status: Status) -> Sentence {
        switch status {
        case .badRequest: .error400Heading
        case .forbidden: .error403Heading
        case .notFound: .error404Heading
        case .methodNotAllowed: .error405Heading
        case .gone: .error410Heading
        case .contentTooLarge: .error413Heading
        case .unprocessable: .error422Heading
        case .tooManyRequests: .error429Heading
        case .serviceUnavailable: .error503Heading
        default: .error500Heading
        }
    }

    private func text(of status: Status) -> Sentence {
        switch status {
        case .badRequest: .error400Text
        case .forbidden: .error403Text
        case .notFound: .error404Text
        case .methodNotAllowed: .error405Text
        case .gone: .error410Text
        case .contentTooLarge: .error413Text
        case .unprocessable: .error422Text
        case .tooManyRequests: .error429Text
        case .serviceUnavailable: .error503Text
        default: .error500Text
        }
    }

    private func advice(of status: Status) -> Sentence {
        switch status {
        case .badRequest: .error400Advice
        case .forbidden: .error403Advice
        case .notFound: .error404Advice
        case .methodNotAllowed: .error405Advice
        case .gone: .error410Advice
        case .contentTooLarge: .error413Advice
        case .unprocessable: .error422Advice
        case .tooManyRequests: .error429Advice
        case .serviceUnavailable: .error503Advice
        default: .error500Advice
        }
    }
}

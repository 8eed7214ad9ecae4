internal import Accounts
internal import HTTP
internal import Secrets
internal import Templates

extension Site {
    /// The answer to what cannot be answered: a page, or JSON under `/api/`.
    ///
    /// - Parameter again: where it can be tried again; nil: the page leads home.
    func errorPage(
        _ status: Status, _ visit: Visit, words: ErrorWords? = nil, again: String? = nil
    ) -> Response {
        if visit.isAPI { return apiError(status, detail(of: status, visit), visit) }
        return renderWithoutFail(messagePage(status, visit, words: words, again: again), visit)
    }

    func messagePage(
        _ status: Status, _ visit: Visit, words: ErrorWords? = nil, again: String? = nil
    ) -> Page {
        let words = words ?? ErrorWords(status)
        var page = Page(.error, title: sentence(words.heading), status: status)
        page.values.set("STATUS", "\(status.rawValue)")
        page.values.set("HEADING", sentence(words.heading))
        page.values.set("TEXT", sentence(words.text))
        var advice = Values()
        advice.set("ADVICE", sentence(words.advice))
        page.values.add("WITH_ADVICE", advice)
        page.values.show("HOME", if: again == nil)
        if let again {
            var link = Values()
            link.set("AGAIN_URL", again)
            page.values.add("AGAIN", link)
        }
        return page
    }

    /// A form that did not come from a page of ours. Behind a proxy that hides
    /// the public address, operators see this first.
    func foreignRequestPage(_ visit: Visit, from sender: SameOrigin.Sender) -> Response {
        if visit.isAPI { return apiError(.foreignRequest(from: sender, to: visit.address), visit) }
        var page = Page(.error, title: sentence(.foreignRequestHeading), status: .forbidden)
        page.values.set("STATUS", "\(Status.forbidden.rawValue)")
        page.values.set("HEADING", sentence(.foreignRequestHeading))
        page.values.set("TEXT", sentence(.foreignRequestText))
        var origins = Values()
        origins.set("EXPECTED_ORIGIN", visit.address.origin)
        origins.set("RECEIVED_ORIGIN", words(sender))
        page.values.add("ORIGINS", origins)
        page.values.add("HOME")
        return renderWithoutFail(page, visit)
    }

    private func words(_ sender: SameOrigin.Sender) -> String {
        switch sender {
        case .page(let origin, _): origin ?? sentence(.foreignRequestOtherSite)
        case .program: sentence(.foreignRequestProgram)
        }
    }

    /// Even the page about a failure can fail: then there are words at least.
    private func renderWithoutFail(_ page: Page, _ visit: Visit) -> Response {
        do {
            return try render(page, visit)
        } catch {
            note(
                .error, "error-page-failed", visit,
                [("reference", reference(of: visit)), ("error", "\(error)")])
            let text = "\(page.status.rawValue) \(page.status.phrase)\n\(reference(of: visit))\n"
            return Response(page.status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
        }
    }
}

/// What an error page says: what happened, and what to do.
struct ErrorWords {
    let heading: Sentence
    let text: Sentence
    let advice: Sentence

    init(_ heading: Sentence, _ text: Sentence, _ advice: Sentence) {
        self.heading = heading
        self.text = text
        self.advice = advice
    }

    init(_ status: Status) {
        self =
            switch status {
            case .badRequest: Self(.error400Heading, .error400Text, .error400Advice)
            case .forbidden: Self(.error403Heading, .error403Text, .error403Advice)
            case .notFound: Self(.error404Heading, .error404Text, .error404Advice)
            case .methodNotAllowed: Self(.error405Heading, .error405Text, .error405Advice)
            case .conflict: Self(.error409Heading, .error409Text, .error409Advice)
            case .gone: Self(.error410Heading, .error410Text, .error410Advice)
            case .contentTooLarge: Self(.error413Heading, .error413Text, .error413Advice)
            case .unprocessable: Self(.error422Heading, .error422Text, .error422Advice)
            case .tooManyRequests: Self(.error429Heading, .error429Text, .error429Advice)
            case .serviceUnavailable: Self(.error503Heading, .error503Text, .error503Advice)
            default: Self(.error500Heading, .error500Text, .error500Advice)
            }
    }

    /// A set-password link that was used, replaced, or is too old.
    static let passwordLink = ErrorWords(.passwordLinkHeading, .passwordLinkText, .passwordLinkAdvice)

    /// Nothing can be saved: the disk is full, or the database out of reach.
    static let storage = ErrorWords(.storageHeading, .storageText, .storageAdvice)
}

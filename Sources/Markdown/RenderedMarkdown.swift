internal import CCmark
internal import Glibc

/// A text in Markdown (CommonMark) as HTML that may stand in a page, whoever wrote it.
///
/// HTML in the text is shown as it was typed, an image is its alternative text, and a
/// link leads to another page or to an e-mail address, or is none. What the library
/// leaves out by itself is a second fence.
public struct RenderedMarkdown: Sendable {
    /// Elements of HTML, for the inside of a block.
    public let html: String

    /// - Parameter text: a line break is one in the HTML, as people who know no Markdown
    ///   expect.
    public init(_ text: String) {
        var text = text
        let options = CMARK_OPT_DEFAULT | CMARK_OPT_HARDBREAKS
        html = text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { bytes in
                let document = unsafe MarkdownDocument(bytes, options)
                document.disarm()
                return document.html
            }
        }
    }
}

/// What a text in Markdown says, without its signs: one line, for where there is no room
/// for more.
public struct MarkdownExcerpt: Sendable {
    public let text: String

    /// - Parameter length: characters, at most; an ellipsis says that there is more.
    public init(of text: String, length: Int) {
        var text = text
        let plain = text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { bytes in
                unsafe MarkdownDocument(bytes, CMARK_OPT_DEFAULT).plainText(length: length)
            }
        }
        self.text = plain
    }
}

/// The tree of a text, as libcmark has read it.
@safe
private struct MarkdownDocument: ~Copyable {
    private let root: OpaquePointer
    private let options: CInt

    init(_ bytes: UnsafeBufferPointer<CChar>, _ options: CInt) {
        self.options = options
        // An empty text may have no address.
        let root = unsafe bytes.baseAddress.map {
            unsafe cmark_parse_document($0, bytes.count, options)
        }
        unsafe self.root = (root ?? cmark_node_new(CMARK_NODE_DOCUMENT))!
    }

    deinit {
        unsafe cmark_node_free(root)
    }

    /// Takes out whatever is not to be in a page of ours.
    func disarm() {
        let steps = unsafe cmark_iter_new(root)
        defer { unsafe cmark_iter_free(steps) }
        while true {
            let step = unsafe cmark_iter_next(steps)
            if step == CMARK_EVENT_DONE { return }
            let node = unsafe cmark_iter_get_node(steps)!
            // A leaf is entered only; another node may change once it has been left.
            if step == CMARK_EVENT_ENTER { unsafe showHTML(node) } else { unsafe disarm(node) }
        }
    }

    private func disarm(_ node: OpaquePointer) {
        switch unsafe cmark_node_get_type(node) {
        case CMARK_NODE_IMAGE: unsafe unwrap(node)
        case CMARK_NODE_LINK:
            let address = unsafe String(cString: cmark_node_get_url(node))
            if !Self.isHarmless(address) { unsafe unwrap(node) }
        case CMARK_NODE_HEADING:
            // The first level is the page's own.
            _ = unsafe cmark_node_set_heading_level(node, min(cmark_node_get_heading_level(node) + 1, 6))
        default: break
        }
    }

    /// Makes text of what would be HTML.
    private func showHTML(_ node: OpaquePointer) {
        let type = unsafe cmark_node_get_type(node)
        guard type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE else { return }
        let text = unsafe cmark_node_new(CMARK_NODE_TEXT)
        unsafe cmark_node_set_literal(text, cmark_node_get_literal(node))
        if type == CMARK_NODE_HTML_INLINE {
            unsafe cmark_node_insert_before(node, text)
        } else {
            let paragraph = unsafe cmark_node_new(CMARK_NODE_PARAGRAPH)
            unsafe cmark_node_append_child(paragraph, text)
            unsafe cmark_node_insert_before(node, paragraph)
        }
        unsafe cmark_node_free(node)
    }

    /// Puts what is in a node in its place.
    private func unwrap(_ node: OpaquePointer) {
        while let child = unsafe cmark_node_first_child(node) {
            unsafe cmark_node_insert_before(node, child)
        }
        unsafe cmark_node_free(node)
    }

    /// Browsers skip some characters in a scheme; with one of those it is none of these.
    private static func isHarmless(_ address: String) -> Bool {
        let end = address.utf8.firstIndex { ":/?#".utf8.contains($0) }
        guard let end, address.utf8[end] == UInt8(ascii: ":") else { return true }
        return ["http", "https", "mailto"].contains(address[..<end].lowercased())
    }

    /// The words, with one space between what stands in two lines or two blocks.
    func plainText(length: Int) -> String {
        let steps = unsafe cmark_iter_new(root)
        defer { unsafe cmark_iter_free(steps) }
        var text = ""
        while true {
            let step = unsafe cmark_iter_next(steps)
            if step == CMARK_EVENT_DONE { break }
            let node = unsafe cmark_iter_get_node(steps)!
            if step == CMARK_EVENT_ENTER, let literal = unsafe cmark_node_get_literal(node) {
                text += unsafe String(cString: literal)
            }
            if unsafe Self.isSeparate(node) { text += " " }
            // Bytes are no fewer than characters; of these, some may be white space.
            if text.utf8.count > 8 * length, text.count > 2 * length { break }
        }
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count <= length ? words : words.prefix(length) + "…"
    }

    private static func isSeparate(_ node: OpaquePointer) -> Bool {
        switch unsafe cmark_node_get_type(node) {
        case CMARK_NODE_TEXT, CMARK_NODE_CODE, CMARK_NODE_HTML_INLINE, CMARK_NODE_EMPH, CMARK_NODE_STRONG,
            CMARK_NODE_LINK, CMARK_NODE_IMAGE:
            false
        default: true
        }
    }

    var html: String {
        let text = unsafe cmark_render_html(root, options)!
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}

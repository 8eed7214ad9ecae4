import Testing

@testable import Markdown

struct RenderedMarkdownTests {
    @Test(
        arguments: [
            ("", ""),
            ("Some *words*, some **more**", "<p>Some <em>words</em>, some <strong>more</strong></p>"),
            ("One\nTwo", "<p>One<br />\nTwo</p>"),
            ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
            ("`a < b`", "<p><code>a &lt; b</code></p>"),
            ("a < b & \"c\" 'd'", "<p>a &lt; b &amp; &quot;c&quot; 'd'</p>"),
            ("naïve 🦜", "<p>naïve 🦜</p>"),
            ("a\u{0}b", "<p>a\u{FFFD}b</p>"),
        ])
    func `Markdown becomes HTML`(text: String, html: String) {
        #expect(RenderedMarkdown(text).html.trimmed == html)
    }

    @Test(
        arguments: [
            ("# Title", "<h2>Title</h2>"), ("###### Deep", "<h6>Deep</h6>"), ("Title\n---", "<h3>Title</h3>"),
        ])
    func `headings stand below the one of the page`(text: String, html: String) {
        #expect(RenderedMarkdown(text).html.trimmed == html)
    }

    @Test(
        arguments: [
            ("a <b onclick=\"x\">b</b>", "<p>a &lt;b onclick=&quot;x&quot;&gt;b&lt;/b&gt;</p>"),
            ("<species> sings", "<p>&lt;species&gt; sings</p>"),
            ("a <!-- b --> c", "<p>a &lt;!-- b --&gt; c</p>"),
        ])
    func `HTML is shown as it was typed`(text: String, html: String) {
        #expect(RenderedMarkdown(text).html.trimmed == html)
    }

    @Test(
        arguments: [
            "<script>alert(1)</script>", "<div>\n<img src=x onerror=alert(1)>\n</div>", "- <iframe src=x>\n",
            "> <style>*{}</style>", "<svg/onload=alert(1)>", "<?php ?>", "<![CDATA[<b>]]>", "<!DOCTYPE x>",
            "&lt;script&gt;", "`<script>`", "\u{301}<script>x</script>", "<a href=\"javascript:x\">b</a>",
            "[<script>](/x)", "![<script>](/x)", "[x](/a \"<script>\")", "[x](/\"onclick=alert(1)//)",
            "```\"><script>\nx\n```",
        ])
    func `no element comes from the text but those of Markdown`(text: String) {
        let html = RenderedMarkdown(text).html
        let known: Set<String> = ["p", "li", "ul", "blockquote", "code", "a", "pre", "br"]
        for element in html.matches(of: /<\/?([a-z!?]+)([^>]*)>/.matchingSemantics(.unicodeScalar)) {
            #expect(known.contains(String(element.1)), "\(html)")
            #expect(element.2.contains(/^( (href|title|class)="[^"]*")*( \/)?$/), "\(html)")
        }
        #expect(html.matches(of: /<(?![a-z\/])/.matchingSemantics(.unicodeScalar)).isEmpty, "\(html)")
    }

    @Test(
        arguments: [
            "javascript:alert(1)", "JavaScript:alert(1)", "java&#115;cript:alert(1)", "&#9;javascript:x",
            "java&Tab;script:x", "javascript&colon;x", "vbscript:x", "file:///etc/passwd", "data:text/html,x",
            "data:image/png;base64,x", "&#1;javascript:x", "blob:x",
        ])
    func `a link that leads to no page is none`(address: String) {
        #expect(RenderedMarkdown("[a *b*](\(address))").html.trimmed == "<p>a <em>b</em></p>")
    }

    @Test(
        arguments: [
            "https://example.org/?a=b", "HTTP://example.org", "mailto:a@example.org", "/tools/", "#part",
            "page?a:b", "//example.org/a:b",
        ])
    func `a link to a page is one`(address: String) {
        #expect(RenderedMarkdown("[a](\(address))").html.trimmed == "<p><a href=\"\(address)\">a</a></p>")
    }

    @Test func `an image is its alternative text, also in a link`() {
        let html = RenderedMarkdown("![a *bird*](https://example.org/x.png) [![b](/c.png)](/d)").html
        #expect(html.trimmed == "<p>a <em>bird</em> <a href=\"/d\">b</a></p>")
    }

    @Test(
        arguments: [
            ("", ""), ("# Birds\n\nSome *words*,\nsome **more**", "Birds Some words, some more"),
            ("- a\n- b\n\n> c", "a b c"), ("1. `x < y`", "x < y"),
            ("[here](https://example.org) now", "here now"),
            ("![a bird](x.png)", "a bird"), ("***\n---", ""), ("a <b>c</b>", "a <b>c</b>"),
            ("```swift\nlet x = 1\n```\nend", "let x = 1 end"), ("a\\\nb&amp;c", "a b&c"),
            ("un*believ*able", "unbelievable"),
            ("  \u{a0} ", ""),
        ])
    func `an excerpt is the words without the signs`(text: String, excerpt: String) {
        #expect(MarkdownExcerpt(of: text, length: 200).text == excerpt)
    }

    @Test(arguments: ["a ", "**ä** ", "- x\n", "🇩🇪", "> "]) func `an excerpt is no longer than it may be`(
        piece: String
    ) {
        let text = MarkdownExcerpt(of: String(repeating: piece, count: 3_000), length: 20).text
        #expect(text.count <= 21)
        #expect(text.isEmpty || text.last == "…")
    }

    @Test func `an excerpt of what fits has no ellipsis`() {
        let words = String(repeating: "a", count: 20)
        #expect(MarkdownExcerpt(of: "*\(words)*", length: 20).text == words)
        #expect(MarkdownExcerpt(of: "*\(words)b*", length: 20).text == words + "…")
    }

    @Test func `a text that nests deeply is rendered all the same`() {
        for piece in ["> ", "*", "[", "![", "- ", "<", "`a", "[a](", "**a "] {
            #expect(!RenderedMarkdown(String(repeating: piece, count: 4_000)).html.isEmpty)
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = Substring(self)
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}

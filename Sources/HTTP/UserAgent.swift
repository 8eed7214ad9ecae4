/// What a `User-Agent` header says of the browser and the system (RFC 9110,
/// 10.1.5), to be shown to the person whose browser it was. Anybody can send any
/// header: nothing may depend on it.
public struct UserAgent: Sendable, Equatable {
    /// "Firefox", "Chrome", "curl" …; nil if it is none that we know.
    public let browser: String?
    /// "Windows", "macOS", "iPhone" …; nil if it is none that we know.
    public let system: String?

    /// Bytes that are looked at: real headers have at most some 300.
    private static let longest = 512

    public init(_ header: String) {
        let bytes = Array(header.utf8.prefix(Self.longest))
        browser = Self.browsers.first { $0.isIn(bytes) }?.name
        system = Self.systems.first { $0.isIn(bytes) }?.name
    }

    /// Browsers say that they are others, too, for the sake of old sites: the
    /// one that nobody else claims to be comes first.
    private static let browsers = [
        Mark("SamsungBrowser/", "Samsung Internet"),
        Mark("YaBrowser/", "Yandex Browser"),
        Mark("Vivaldi/", "Vivaldi"),
        Mark("DuckDuckGo/", "DuckDuckGo"), Mark("Ddg/", "DuckDuckGo"),
        Mark("OPR/", "Opera"), Mark("OPX/", "Opera"), Mark("OPT/", "Opera"), Mark("Opera", "Opera"),
        Mark("Edg/", "Edge"), Mark("EdgA/", "Edge"), Mark("EdgiOS/", "Edge"), Mark("Edge/", "Edge"),
        Mark("FxiOS/", "Firefox"), Mark("Focus/", "Firefox"), Mark("Firefox/", "Firefox"),
        Mark("CriOS/", "Chrome"), Mark("HeadlessChrome/", "Chrome"),
        // Before Chrome, which they all name.
        Mark("Electron/", "Electron"), Mark("wv)", "Android app"),
        Mark("Chromium/", "Chromium"), Mark("Chrome/", "Chrome"),
        Mark("MSIE ", "Internet Explorer"), Mark("Trident/", "Internet Explorer"),
        Mark("Epiphany/", "GNOME Web"),
        // Old browsers of Android say "Safari" as well, and never "Macintosh".
        Mark("Android", nil),
        Mark("Safari/", "Safari"),
        Mark("python-requests/", "Python"), Mark("python-httpx/", "Python"), Mark("aiohttp/", "Python"),
        Mark("Python-urllib/", "Python"), Mark("Python/", "Python"),
        Mark("curl/", "curl"), Mark("Wget/", "Wget"), Mark("HTTPie/", "HTTPie"),
        Mark("PostmanRuntime/", "Postman"), Mark("Go-http-client/", "Go"), Mark("okhttp/", "OkHttp"),
        Mark("Java/", "Java"), Mark("node", "Node.js"), Mark("axios/", "Node.js"),
    ]

    /// An Android or ChromeOS device says that it is a Linux, an iPhone that it
    /// is like a Mac.
    private static let systems = [
        Mark("iPhone", "iPhone"), Mark("iPod", "iPhone"), Mark("iPad", "iPad"),
        Mark("Windows", "Windows"),
        Mark("Android", "Android"), Mark("CrOS ", "ChromeOS"),
        Mark("Macintosh", "macOS"), Mark("Mac OS X", "macOS"), Mark("Darwin/", "macOS"),
        Mark("FreeBSD", "FreeBSD"), Mark("OpenBSD", "OpenBSD"),
        Mark("Linux", "Linux"), Mark("linux", "Linux"), Mark("X11", "Linux"),
    ]

    /// A text that tells one from others, and what it tells.
    private struct Mark {
        let text: [UInt8]
        let name: String?

        init(_ text: String, _ name: String?) {
            self.text = Array(text.utf8)
            self.name = name
        }

        /// Whether the text stands in the header at the beginning of a word.
        func isIn(_ header: [UInt8]) -> Bool {
            guard header.count >= text.count else { return false }
            return (0...header.count - text.count).contains { start in
                header[start] == text[0] && (start == 0 || !isOfWord(header[start - 1]))
                    && header[start..<start + text.count].elementsEqual(text)
            }
        }

        private func isOfWord(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
    }
}

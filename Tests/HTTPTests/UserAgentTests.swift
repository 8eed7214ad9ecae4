import HTTP
import Testing

struct UserAgentTests {
    @Test(
        arguments: [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox", "Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:126.0) Gecko/20100101 Firefox/126.0", "Firefox",
                "Windows"
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:126.0) Gecko/20100101 Firefox/126.0",
                "Firefox", "macOS"
            ),
            ("Mozilla/5.0 (Android 14; Mobile; rv:126.0) Gecko/126.0 Firefox/126.0", "Firefox", "Android"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/126.0 Mobile/15E148 Safari/605.1.15",
                "Firefox", "iPhone"
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36",
                "Chrome", "Windows"
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/125.0.0.0 Safari/537.36",
                "Chrome", "Linux"
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36",
                "Chrome", "ChromeOS"
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile Safari/537.36",
                "Chrome", "Android"
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/125.0.6422.80 Mobile/15E148 Safari/604.1",
                "Chrome", "iPad"
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Ubuntu Chromium/80.0.3987.163 Chrome/80.0.3987.163 Safari/537.36",
                "Chromium", "Linux"
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36 Edg/125.0.2535.67",
                "Edge", "Windows"
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763",
                "Edge", "Windows"
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; HD1913) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.6367.179 Mobile Safari/537.36 EdgA/124.0.2478.64",
                "Edge", "Android"
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 EdgiOS/124.2478.71 Mobile/15E148 Safari/605.1.15",
                "Edge", "iPhone"
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15",
                "Safari", "macOS"
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Mobile/15E148 Safari/604.1",
                "Safari", "iPhone"
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1",
                "Safari", "iPad"
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 OPR/110.0.0.0",
                "Opera", "Windows"
            ),
            ("Opera/9.80 (X11; Linux i686) Presto/2.12.388 Version/12.16", "Opera", "Linux"),
            (
                "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
                "Samsung Internet", "Android"
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 Vivaldi/6.7.3329.35",
                "Vivaldi", "Windows"
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 YaBrowser/24.4.0.0 Safari/537.36",
                "Yandex Browser", "Windows"
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15 Ddg/17.4",
                "DuckDuckGo", "macOS"
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.0 Safari/605.1.15 Epiphany/605.1.15",
                "GNOME Web", "Linux"
            ),
            (
                "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer",
                "Windows"
            ),
            (
                "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0)", "Internet Explorer",
                "Windows"
            ),
            ("Mozilla/5.0 (X11; FreeBSD amd64; rv:122.0) Gecko/20100101 Firefox/122.0", "Firefox", "FreeBSD"),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/125.0.6422.53 Mobile Safari/537.36",
                "Android app", "Android"
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Code/1.89.1 Chrome/122.0.6261.156 Electron/29.4.0 Safari/537.36",
                "Electron", "Linux"
            ),
            (
                "Mozilla/5.0 (Linux; U; Android 4.0.3; de-de; GT-I9100) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30",
                nil, "Android"
            ),
            ("curl/7.88.1", "curl", nil),
            ("Wget/1.21.3", "Wget", nil),
            ("python-requests/2.31.0", "Python", nil),
            ("python-httpx/0.27.0", "Python", nil),
            ("Python-urllib/3.11", "Python", nil),
            ("Python/3.11 aiohttp/3.9.5", "Python", nil),
            ("PostmanRuntime/7.39.0", "Postman", nil),
            ("HTTPie/3.2.2", "HTTPie", nil),
            ("Go-http-client/1.1", "Go", nil),
            ("okhttp/4.12.0", "OkHttp", nil),
            ("Java/17.0.11", "Java", nil),
            ("node", "Node.js", nil),
            ("axios/1.7.2", "Node.js", nil),
        ] as [(String, String?, String?)])
    func `browser and system are known`(header: String, browser: String?, system: String?) {
        #expect(UserAgent(header).browser == browser)
        #expect(UserAgent(header).system == system)
    }

    @Test(arguments: [
        "", " ", "Mozilla/5.0", "Mozilla", "x", "firefox/1", "NotFirefox/1", "Firefox\u{301}/1", "xcurl/1",
        "C",
        "\0\0\0", "MyWindows", "<script>alert(1)</script>", "Chrome\u{301}/",
        "Googlebot/2.1 (+http://www.google.com/bot.html)",
    ])
    func `what we do not know has no name`(header: String) {
        #expect(UserAgent(header) == UserAgent(""))
        #expect(UserAgent(header).browser == nil)
        #expect(UserAgent(header).system == nil)
    }

    @Test func `of a header without end only the beginning is read`() {
        #expect(UserAgent(String(repeating: "x ", count: 230) + "Windows Firefox/1").browser == "Firefox")
        #expect(UserAgent(String(repeating: "x ", count: 250) + "Windows Firefox/1").browser == nil)
        for part in ["F", "Firefox ", " Win", "é", "\u{301}", "Edg", " "] {
            let endless = String(repeating: part, count: 1_000_000)
            #expect(UserAgent(endless + " Windows Firefox/1") == UserAgent(""))
        }
    }
}

import HTTP
import Testing

struct CookiesTests {
    @Test(arguments: [
        ("sessionid=abc", "abc"),
        ("csrftoken=x; sessionid=abc", "abc"),
        ("csrftoken=x;sessionid=abc", "abc"),
        ("\tsessionid=abc \t; other=1", "abc"),
        ("sessionid=one; sessionid=two", "one"),
        ("sessionid=", ""),
        ("sessionid=a=b==", "a=b=="),
        ("sessionid=\"quoted\"", "\"quoted\""),
        ("garbage; ; =; sessionid=abc;", "abc"),
    ])
    func `a cookie is found by its name`(header: String, value: String) {
        #expect(Cookies(header: header)["sessionid"] == value)
    }

    @Test(arguments: [
        "", "sessionid", "xsessionid=1", "sessionid2=1", "SessionID=1", "other=sessionid=1", "sessionid =1",
        "__Host-sessionid=1", "a=1, sessionid=2",
    ])
    func `nothing else is taken for it`(header: String) {
        #expect(Cookies(header: header)["sessionid"] == nil)
    }

    @Test func `a request without the header has no cookies`() {
        #expect(Cookies(header: nil)["sessionid"] == nil)
    }

    private func field(_ cookie: SetCookie) -> String? {
        var response = Response(.ok)
        response.add(cookie)
        return response.fields.first { $0.name == "Set-Cookie" }?.value
    }

    @Test func `a cookie for the time of the browser has no age`() {
        let cookie = SetCookie(
            name: "sessionid", value: "abc", path: "/labels/", isSecure: false, maximumAge: nil)
        #expect(field(cookie) == "sessionid=abc; Path=/labels/; HttpOnly; SameSite=Lax")
    }

    @Test func `a secure cookie that stays says so`() {
        let cookie = SetCookie(
            name: "__Host-sessionid", value: "abc", path: "/", isSecure: true, maximumAge: 0)
        #expect(field(cookie) == "__Host-sessionid=abc; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax")
    }
}

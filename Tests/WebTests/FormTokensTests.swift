import Secrets
import Testing

@testable import Web

struct FormTokensTests {
    private let tokens = FormTokens(key: MasterKey(Array(0..<32))!.subkey(for: .formToken))
    private let session: [UInt8] = Array(repeating: 7, count: 32)

    @Test func `a token is good for the session it was made for, and no other`() {
        for made in [nil, session] {
            let token = tokens.make(session: made, randomness: .system)
            let cookie = token.cookie
            for used in [nil, session, Array(session.dropLast()), session + [0]] {
                #expect((tokens.token(cookie: cookie, session: used) != nil) == (made == used))
                let sent = token.masked(.system)
                #expect(tokens.matches(cookie: cookie, sent: sent, session: used) == (made == used))
            }
        }
    }

    @Test func `cookie and field have the lengths that clients know`() {
        let token = tokens.make(session: nil, randomness: .system)
        let cookie = token.cookie
        #expect(cookie.utf8.count == 32)
        #expect(token.masked(.system).utf8.count == 64)
    }

    @Test func `each form has another mask`() {
        let token = tokens.make(session: session, randomness: .system)
        let cookie = token.cookie
        let masked = (0..<100).map { _ in token.masked(.system) }
        #expect(Set(masked).count == 100)
        #expect(masked.allSatisfy { !$0.contains(cookie) })
        #expect(masked.allSatisfy { tokens.matches(cookie: cookie, sent: $0, session: session) })
    }

    @Test func `the bare value of the cookie is accepted`() {
        let token = tokens.make(session: session, randomness: .system)
        let cookie = token.cookie
        #expect(tokens.matches(cookie: cookie, sent: cookie, session: session))
    }

    @Test func `a token that differs in any character is refused`() {
        let token = tokens.make(session: session, randomness: .system)
        let cookie = token.cookie
        for sent in [cookie, token.masked(.system)] {
            for index in sent.indices {
                var changed = sent
                changed.replaceSubrange(index...index, with: sent[index] == "A" ? "B" : "A")
                #expect(!tokens.matches(cookie: cookie, sent: changed, session: session))
            }
        }
    }

    @Test func `a cookie that somebody made up is refused, whatever is sent with it`() {
        let other = FormTokens(key: MasterKey(Array(1...32))!.subkey(for: .formToken))
        let madeUp: [String] = [
            "", "A", String(repeating: "A", count: 32), String(repeating: "A", count: 64), "é",
            other.make(session: session, randomness: .system).cookie,
        ]
        for cookie in madeUp {
            #expect(tokens.token(cookie: cookie, session: session) == nil)
            #expect(!tokens.matches(cookie: cookie, sent: cookie, session: session))
        }
    }

    @Test func `what is no token is refused`() {
        let cookie = tokens.make(session: session, randomness: .system).cookie
        for sent in ["", "A", cookie + cookie, cookie + "A", "\(cookie)=", " \(cookie)", cookie.lowercased()]
        {
            #expect(!tokens.matches(cookie: cookie, sent: sent, session: session))
        }
    }

    @Test func `a page keeps a good cookie and replaces a bad one`() throws {
        let ada = Browser.member("ada@example.org", in: try World())
        #expect(ada.get("/logout").values("Set-Cookie").isEmpty)
        let good = ada.cookies
        ada.cookies = good.map { $0.name == "csrftoken" ? ($0.name, "made-up") : $0 }
        #expect(ada.get("/logout").values("Set-Cookie").count == 1)
        #expect(ada.cookies.first { $0.name == "csrftoken" }?.value != "made-up")
    }
}

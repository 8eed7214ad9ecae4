internal import Accounts
internal import HTTP
internal import Templates

/// What a person sees who has just got an account: a part of the home page, there only
/// at the address that the sign-up leads to, so that hiding it needs no memory.
extension Site {
    private static let welcome = (name: "welcome", value: "yes")

    /// Where somebody goes whose account was made just now: where he wanted to, else home
    /// with a welcome. Beside a labeling server, home is that of the labeling server; an
    /// owner finds the welcome at Organization, First Steps.
    func firstPage(_ visit: Visit) -> String {
        let wanted = Next.destination(visit)
        return wanted == visit.link("/") && labelingServer == nil ? welcomeAddress(visit) : wanted
    }

    /// The home page with the welcome, which owners can come back to.
    func welcomeAddress(_ visit: Visit) -> String {
        visit.ownLink("/?\(Self.welcome.name)=\(Self.welcome.value)")
    }

    func isWelcoming(_ visit: Visit) -> Bool {
        visit.query[Self.welcome.name] == Self.welcome.value
    }

    /// Owners are told what makes a site ready for others, members what is there for them.
    func addWelcome(to page: inout Page, hasProjects: Bool, _ visitor: Visitor) {
        var values = Values()
        if visitor.member.role == .owner {
            var guide = Values()
            guide.show("SIGN_UP_OPEN", if: accounts.rules.isSignUpOpen)
            values.add("GUIDE", guide)
        } else {
            var joined = Values()
            joined.show("HAS_PROJECTS", if: hasProjects)
            joined.show("HAS_NO_PROJECTS", if: !hasProjects)
            values.add("JOINED", joined)
        }
        page.values.add("WELCOME", values)
    }
}

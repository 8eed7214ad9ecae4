internal import Accounts
internal import HTTP
internal import Limits
internal import QRCodes
internal import Templates

extension Site {
    /// The link is the same each time it is shown; looking does not reset it.
    func showInvitation(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let token = accounts.invitationToken(of: visitor.member.organization)
        var page = Page(.invite, title: sentence(.titleInvite))
        let link = visit.address.origin + visit.link("/user/signup/?token=\(token)")
        page.values.set("INVITE_URL", link)
        if let code = QRCode(link) {
            var values = Values()
            values.set("QR_SIDE", "\(code.side)")
            values.set("QR_PATH", code.path)
            page.values.add("QR_CODE", values)
        }
        if let reset = try accounts.lastInvitationReset(of: visitor.member.organization) {
            var values = Values()
            values.set("RESET_AT", sentence(.instant, reset.instant.date, reset.instant.time))
            values.set("RESET_BY", reset.user?.text ?? sentence(.resetByOperator))
            page.values.add("RESET", values)
        }
        try addUse(of: visitor.member.organization, to: &page)
        page.values.show("OWNER", if: visitor.member.role == .owner)
        page.values.show("LOCAL_HOST", if: visit.address.isLocal)
        try noteInvitationShown(to: visitor.member, visit)
        return try render(page, visit)
    }

    func showInvitationQuestion(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        var page = Page(.inviteReset, title: sentence(.titleInviteReset))
        try addUse(of: visitor.member.organization, to: &page)
        return try render(page, visit)
    }

    func resetInvitation(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try accounts.resetInvitation(by: .requester(visitor.requester), from: client(of: visit))
        figures.count(Figures.InvitationUse.reset)
        return redirect(to: visit.link("/organization/invite?done=\(Notice.invitationReset.rawValue)"))
    }

    /// Notes that somebody looked at the invite link, not each time again.
    func noteInvitationShown(to member: Member, _ visit: Visit) throws {
        let link = accounts.invitationToken(of: member.organization)
        let key = Budget.Key("\(member.user.id.number) \(link)")
        guard case .allowed = auditBounds.shownInvitations.take(key, at: now().microseconds) else { return }
        do {
            try accounts.record(.invitationShown, by: member.user.id, from: client(of: visit))
        } catch {
            // It is not shown without its row.
            auditBounds.shownInvitations.forget(key)
            throw error
        }
    }
}

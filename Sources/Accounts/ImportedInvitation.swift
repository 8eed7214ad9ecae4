internal import Secrets

extension Accounts {
    /// What stands in place of a nonce for an invite link that was made
    /// elsewhere: its token, encrypted.
    ///
    /// - Returns: nil if a link of ours has to replace it: there is none, it is
    ///   easily guessed, or it cannot stand in an address as it is.
    func importedInvitation(_ token: String, to organization: Int64) -> [UInt8]? {
        let isPlain = token.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "-._~".utf8.contains(byte)
            }
        }
        // They are made with 40 letters and digits; some set their own.
        guard isPlain, (20...256).contains(token.utf8.count) else { return nil }
        return keys.importBox.seal(
            Array(token.utf8), context: context(organization), randomness: randomness)
    }

    /// Nil if the link is one of ours.
    func importedInvitationToken(of organization: Organization) -> String? {
        guard organization.inviteNonce.count > Organization.nonceLength else { return nil }
        return keys.importBox.open(organization.inviteNonce, context: context(organization.id))
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private func context(_ organization: Int64) -> [UInt8] {
        Array("invitation \(organization)".utf8)
    }
}

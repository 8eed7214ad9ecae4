internal import Accounts
internal import HTTP
internal import Photos

extension Site {
    func savePhoto(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        let photo: Photo
        do {
            photo = try visit.photo
        } catch {
            let problem = FieldProblem(
                field: "account-photo", section: "PHOTO_PROBLEM", message: sentence(sentence(of: error)))
            return try refusedAccountForm(visit, visitor, [problem])
        }
        try accounts.setPhoto(
            photo, of: visitor.member.user.id, by: visitor.requester, from: client(of: visit))
        return redirect(to: visit.link("/user/account/?done=\(Notice.photoSaved.rawValue)"))
    }

    func removePhoto(_ visit: Visit, _ visitor: Visitor) throws -> Response {
        try accounts.removePhoto(
            of: visitor.member.user.id, by: visitor.requester, from: client(of: visit))
        return redirect(to: visit.link("/user/account/?done=\(Notice.photoRemoved.rawValue)"))
    }

    private func sentence(of problem: PhotoProblem) -> Sentence {
        switch problem {
        case .noForm, .malformedForm, .noFile: .photoMissing
        case .file(.tooLong): .photoTooLong
        case .file(.tooLarge): .photoTooLarge
        case .file(.unknownFormat): .photoUnknownFormat
        case .file(.broken): .photoBroken
        }
    }
}

internal import Accounts
internal import HTTP
internal import Photos

extension Site {
    /// Everybody sets his own photo, owners those of others.
    func setAvatar(_ visit: Visit, _ requester: Requester) throws -> Response {
        let user = User.ID(visit.numbers[0])
        guard mayEdit(user, requester) else { return refusedRight(visit) }
        let photo: Photo
        do {
            photo = try visit.photo
        } catch {
            throw fault(error, visit)
        }
        try changing { try accounts.setPhoto(photo, of: user, by: requester, from: client(of: visit)) }
        return json(.ok, ["detail": "avatar saved"])
    }

    func removeAvatar(_ visit: Visit, _ requester: Requester) throws -> Response {
        let user = User.ID(visit.numbers[0])
        guard mayEdit(user, requester) else { return refusedRight(visit) }
        try changing { try accounts.removePhoto(of: user, by: requester, from: client(of: visit)) }
        return Response(.noContent)
    }

    private func mayEdit(_ user: User.ID, _ requester: Requester) -> Bool {
        user == requester.member.user.id || requester.member.role == .owner
    }

    private func changing(_ act: () throws -> Void) throws {
        do {
            try act()
        } catch Accounts.MembershipRefusal.notPossible {
            throw APIFault.notFound("User")
        }
    }

    private func fault(_ problem: PhotoProblem, _ visit: Visit) -> APIFault {
        switch problem {
        case .noForm:
            let type = visit.request.header.contentType ?? ""
            return APIFault(.unsupportedMediaType, "Unsupported media type \"\(type)\" in request.")
        case .malformedForm:
            return APIFault(.badRequest, "Multipart form parse error - the form is malformed")
        case .noFile:
            return APIFault(.badRequest, "No file was submitted.")
        case .file(.tooLong):
            return APIFault(.contentTooLarge, "Please use an image file of 1 MiB or smaller.")
        case .file(.tooLarge):
            let side = Photo.sideLimit
            return APIFault(
                .badRequest, "Please use an image that is \(side) x \(side) pixels or smaller.")
        case .file(.unknownFormat):
            return APIFault(.unsupportedMediaType, "Please use a PNG, JPEG, GIF or WebP image.")
        case .file(.broken):
            return APIFault(.badRequest, "The image is broken.")
        }
    }
}

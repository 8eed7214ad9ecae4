internal import Accounts
internal import HTTP
internal import Photos

/// Why what was sent is no photo.
enum PhotoProblem: Error {
    /// No form with a file.
    case noForm
    case malformedForm
    case noFile
    case file(Photo.Fault)
}

extension Visit {
    /// The photo in the form that was sent, under whatever name.
    var photo: Photo {
        get throws(PhotoProblem) {
            if case .tooLarge = request.body { throw .file(.tooLong) }
            guard case .complete(let body) = request.body, let type = request.header.contentType,
                type.lowercased().hasPrefix("multipart/form-data")
            else { throw .noForm }
            guard let form = Multipart(parsing: body, contentType: type) else { throw .malformedForm }
            guard let file = form.firstFile else { throw .noFile }
            do {
                return try Photo(file.content)
            } catch {
                throw .file(error)
            }
        }
    }
}

extension Site {
    /// Where photos are, below the prefix of the site: the web server knows it, too.
    static let photoPath = "/data/avatars/"

    /// The address of a photo on our pages.
    func photoURL(_ photo: PhotoName, _ visit: Visit) -> String {
        visit.ownLink(Self.photoPath + photo.text)
    }

    /// The address of a photo as the API tells it: with the host only if that is
    /// set, as clients know it.
    func photoURL(_ photo: PhotoName) -> String {
        guard let address = addresses.configured else { return ownPages + Self.photoPath + photo.text }
        return address.origin + address.prefix + ownPages + Self.photoPath + photo.text
    }
}

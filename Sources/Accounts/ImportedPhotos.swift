internal import Photos
internal import Predecessor

/// The photos of an import: made anew and stored before its transaction, since
/// that takes time, and removed again if they are not needed.
struct ImportedPhotos {
    enum Outcome {
        case stored(PhotoName)
        case refused(ImportNote.PhotoProblem)
    }

    private(set) var outcomes: [Int64: Outcome] = [:]
    private var unused: Set<PhotoName> = []

    /// - Parameter file: the content of a file in the media folder; nil if there
    ///   is no such file.
    /// - Throws: `DatabaseError` or `PhotoDirectory.Failure`.
    init(
        of people: [Installation.Person], file: (String) -> [UInt8]?, accounts: Accounts
    ) throws {
        do {
            for person in people {
                guard let name = person.avatar else { continue }
                outcomes[person.id] = try outcome(file(name), accounts)
            }
        } catch {
            removeUnused(accounts)
            throw error
        }
    }

    private mutating func outcome(_ file: [UInt8]?, _ accounts: Accounts) throws -> Outcome {
        guard let file else { return .refused(.unreadable) }
        let photo: Photo
        do {
            photo = try Photo(file[...])
        } catch {
            return .refused(.unusable(error))
        }
        let name = try accounts.store(photo)
        unused.insert(name)
        return .stored(name)
    }

    /// The photo of a person, who takes it.
    mutating func take(_ person: Int64) -> PhotoName? {
        guard case .stored(let name) = outcomes[person] else { return nil }
        unused.remove(name)
        return name
    }

    func problem(_ person: Int64) -> ImportNote.PhotoProblem? {
        guard case .refused(let problem) = outcomes[person] else { return nil }
        return problem
    }

    func removeUnused(_ accounts: Accounts) {
        for name in unused { accounts.removeFile(name) }
    }

    func removeAll(_ accounts: Accounts) {
        for case .stored(let name) in outcomes.values { accounts.removeFile(name) }
    }
}

internal import Glibc
internal import Photos

/// The folder of a Label Studio in which the files are that people have sent.
struct MediaFolder {
    let path: String
    /// What was opened when we still could.
    private var opened: [String: OpenFile] = [:]

    /// - Parameter directory: where that Label Studio keeps its data.
    init(in directory: String) {
        path = directory + "/media"
    }

    /// The content of a file; nil if there is none that can be read, if it is
    /// far longer than a photo, or if the name leads out of the folder. The name
    /// comes from the foreign database.
    func file(_ name: String) -> [UInt8]? {
        try? (opened[name] ?? open(name))?.read()
    }

    /// Opens files of these names now, for `file` to read them later.
    mutating func open(_ names: [String]) {
        for name in names { opened[name] = open(name) }
    }

    private func open(_ name: String) -> OpenFile? {
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isWithin = parts.allSatisfy { part in
            !part.isEmpty && !part.contains(0) && !part.elementsEqual(".".utf8)
                && !part.elementsEqual("..".utf8)
        }
        guard isWithin, let resolved = Files.resolved("\(path)/\(name)"),
            let folder = Files.resolved(path), resolved.hasPrefix(folder + "/"),
            // A pipe of that name must not make us wait.
            Files.isPlain(resolved, notLongerThan: 16 * Photo.fileLimit)
        else { return nil }
        return try? OpenFile(reading: resolved)
    }
}

internal import Glibc

/// Where the files of the photos are: the web server serves them from there.
public struct PhotoDirectory: Sendable {
    public let path: String

    public init(path: String) {
        self.path = path
    }

    /// The message names the file and says what the system said.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String

        init(_ path: String) {
            description = "\(path): \(unsafe String(cString: strerror(errno)))"
        }
    }

    /// Makes the directory, if it is not there. The web server may run as
    /// another user: everybody can read what is in it, who knows the name.
    public func make() throws(Failure) {
        guard unsafe mkdir(path, 0o711) == 0 else {
            guard errno == EEXIST else { throw Failure(path) }
            return
        }
        guard unsafe chmod(path, 0o711) == 0 else { throw Failure(path) }
    }

    /// Stores a photo. Nobody knows its name before this has ended, so nobody
    /// sees half of it.
    public func store(_ photo: Photo, as name: PhotoName) throws(Failure) {
        let path = file(name)
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure(path) }
        defer { close(file) }
        do throws(Failure) {
            try write(photo.bytes, to: file, path)
        } catch {
            unsafe unlink(path)
            throw error
        }
    }

    private func write(_ bytes: [UInt8], to file: Int32, _ path: String) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failure(path) }
            rest.removeFirst(count)
        }
        guard fchmod(file, 0o644) == 0, fsync(file) == 0 else { throw Failure(path) }
    }

    /// Removes a photo; whether it was there does not matter.
    public func remove(_ name: PhotoName) throws(Failure) {
        guard unsafe unlink(file(name)) == 0 || errno == ENOENT else { throw Failure(file(name)) }
    }

    /// Whether there is such a photo.
    public func holds(_ name: PhotoName) -> Bool {
        unsafe access(file(name), F_OK) == 0
    }

    /// The photos that were stored at least so many seconds ago.
    public func names(olderThan seconds: Int) throws(Failure) -> [PhotoName] {
        guard let stream = unsafe opendir(path) else {
            if errno == ENOENT { return [] }
            throw Failure(path)
        }
        defer { unsafe closedir(stream) }
        var names: [PhotoName] = []
        while let entry = unsafe readdir(stream) {
            let text = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if let name = PhotoName(parsing: text), isOlder("\(path)/\(text)", than: seconds) {
                names.append(name)
            }
        }
        return names
    }

    private func isOlder(_ path: String, than seconds: Int) -> Bool {
        var status = stat()
        var now = timespec()
        // Not time(): it is behind the clock that files are dated by.
        return unsafe stat(path, &status) == 0 && clock_gettime(CLOCK_REALTIME, &now) == 0
            && now.tv_sec - status.st_mtim.tv_sec >= seconds
    }

    private func file(_ name: PhotoName) -> String {
        "\(path)/\(name.text)"
    }
}
